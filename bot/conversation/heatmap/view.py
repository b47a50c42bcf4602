"""The heat map under an answer: what it shows, and what else could be shown."""

from bot.conversation.answer.form import GUESSES
from bot.conversation.answer.press import Action, button
from bot.conversation.breeds.breed_name import breed_name
from bot.telegram.message import Answered, Button, View
from bot.texts import say, say_plain
from core.breeds.catalogue import catalogue

OTHERS = 2


def heat(prediction: Answered, shown: str, language: str) -> View:
    """The caption, and buttons for the other breeds that were possible. ``shown``: the slug that is painted."""
    others = [breed for breed, _ in prediction.top[:GUESSES] if breed != shown and breed in catalogue()]
    buttons = tuple(_other(prediction, breed, language) for breed in others[:OTHERS])
    return View(say(language, "heat-caption", breed=breed_name(shown, language)), (buttons,) if buttons else ())


def _other(prediction: Answered, breed: str, language: str) -> Button:
    label = say_plain(language, "button-heat-of", breed=breed_name(breed, language))
    return button(label, Action.WHY_OF, prediction, breed)
