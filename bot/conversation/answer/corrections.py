"""The menu behind ❌: what was it, then?"""

from collections.abc import Iterable

from bot.conversation.answer.press import Action, button
from bot.conversation.answer.view import answer_text, claimed_breed
from bot.conversation.breeds.breed_name import breed_name
from bot.telegram.message import Answered, Button, View, two_a_row
from bot.texts import Html, say, say_plain
from core.breeds.catalogue import MIXED_BREED, catalogue
from core.prediction import Kind

OFFERED = 6


def corrections(prediction: Answered, language: str, hint: str | None = None) -> View:
    """The answer, the question, and: next best breeds, 🔎 by name, 🧬 mixed, 🚫 not a dog, 🤷 don't know, ⬅ back.

    ``hint``: the breed that was named beside the photo; it is offered first.
    """
    question = Html(f"{answer_text(prediction, language)}\n\n{say(language, 'corrections-question')}")
    claimed = claimed_breed(prediction)
    likely = dict.fromkeys(
        [*([hint] if hint not in {None, MIXED_BREED} else []), *(breed for breed, _ in prediction.top)]
    )
    next_best = [breed for breed in likely if breed != claimed][:OFFERED]
    find = button(say_plain(language, "button-search"), Action.SEARCH, prediction)
    mixed = button(say_plain(language, "button-mixed"), Action.PICK, prediction, MIXED_BREED)
    no_dog = button(say_plain(language, "button-not-a-dog"), Action.NOT_A_DOG, prediction)
    unknown = button(say_plain(language, "button-dont-know"), Action.DONT_KNOW, prediction)
    back = button(say_plain(language, "button-back"), Action.BACK, prediction)
    no_dog_row = () if prediction.kind == Kind.NOT_A_DOG else (no_dog,)
    return View(
        question, (*breed_rows(next_best, prediction, language), (find, mixed), (*no_dog_row, unknown), (back,))
    )


def breed_rows(breeds: Iterable[str], prediction: Answered, language: str) -> tuple[tuple[Button, ...], ...]:
    """Buttons that say which breed it is, two a row; takes slugs, and passes over those the catalogue has lost."""
    known = [breed for breed in breeds if breed in catalogue()]
    return two_a_row([button(breed_name(breed, language), Action.PICK, prediction, breed) for breed in known])
