"""The heat map under an answer: what it shows, and what else could be shown."""

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.view import GUESSES
from bot.conversation.breeds.breed_name import breed_name
from bot.telegram.message import Answered, Button, View
from bot.texts import Html, Percent, say, say_plain
from core.breeds.catalogue import catalogue

OTHERS = 2


def heat(prediction: Answered, shown: str, language: str, against: str | None = None) -> View:
    """The caption, and buttons for the other breeds that were possible.

    ``shown``: the slug that is painted; ``against``: the one that it is held against.
    """
    possible = [breed for breed, _ in prediction.top[:GUESSES] if breed in catalogue()]
    others = [breed for breed in possible if breed != shown or against is not None][:OTHERS]
    beaten = [breed for breed in possible[1:] if breed != shown or against is None]
    rows = (
        tuple(_button("button-heat-of", Action.WHY_OF, prediction, breed, language) for breed in others),
        *((_button("button-why-not", Action.WHY_NOT, prediction, breed, language),) for breed in beaten),
    )
    return View(_caption(prediction, shown, against, language), tuple(row for row in rows if row))


def _caption(prediction: Answered, shown: str, against: str | None, language: str) -> Html:
    if against is None:
        return say(language, "heat-caption", breed=breed_name(shown, language))
    confidences = dict(prediction.top)
    return say(
        language,
        "heat-why-not",
        breed=breed_name(against, language),
        confidence=Percent(confidences.get(against, 0.0)),
        other=breed_name(shown, language),
        other_confidence=Percent(confidences.get(shown, 0.0)),
    )


def _button(key: str, action: Action, prediction: Answered, breed: str, language: str) -> Button:
    return AnswerPress(action, prediction.token, breed).button(
        say_plain(language, key, breed=breed_name(breed, language))
    )
