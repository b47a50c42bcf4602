"""The menu behind ❌: what was it, then? And the search for the right breed by its name, or a name that none has."""

import unicodedata
from collections.abc import Iterable, Sequence

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.view import answer_text, claimed_breed
from bot.conversation.breeds.breed_name import breed_name, is_called
from bot.telegram.message import Answered, Button, View, two_a_row
from bot.telegram.update import ChatUpdate
from bot.texts import Html, say, say_plain, shortened
from core.breeds.catalogue import MIXED_BREED, Breed, catalogue
from core.breeds.doubles import doubles
from core.prediction import Kind

OFFERED = 6
SHOWN_OF_NAME = 20  # characters on the button, which says more than the name
LIMIT = 60  # characters of a suggested name; the longest of the catalogue has 48


def corrections(prediction: Answered, language: str, hint: str | None = None) -> View:
    """The answer, the question, and: doubles, next best breeds, 🔎 by name, 🧬 mixed, 🚫 no dog, 🤷 don’t know, ⬅ back.

    ``hint``: the breed that was named beside the photo; it is offered first. Then come breeds that are easily taken for
    the answer: the model may not know them.
    """
    question = Html(f"{answer_text(prediction, language)}\n\n{say(language, 'corrections-question')}")
    claimed = claimed_breed(prediction)
    alike = doubles(claimed) if claimed is not None else []
    likely = dict.fromkeys(
        [*([hint] if hint not in {None, MIXED_BREED} else []), *alike, *(breed for breed, _ in prediction.top)]
    )
    next_best = [breed for breed in likely if breed != claimed][:OFFERED]
    find = AnswerPress(Action.SEARCH, prediction.token).button(say_plain(language, "button-search"))
    mixed = AnswerPress(Action.PICK, prediction.token, MIXED_BREED).button(say_plain(language, "button-mixed"))
    no_dog = AnswerPress(Action.NOT_A_DOG, prediction.token).button(say_plain(language, "button-not-a-dog"))
    unknown = AnswerPress(Action.DONT_KNOW, prediction.token).button(say_plain(language, "button-dont-know"))
    back = AnswerPress(Action.BACK, prediction.token).button(say_plain(language, "button-back"))
    no_dog_row = () if prediction.kind == Kind.NOT_A_DOG else (no_dog,)
    return View(
        question, (*breed_rows(next_best, prediction, language), (find, mixed), (*no_dog_row, unknown), (back,))
    )


def search_prompt(prediction: Answered, language: str) -> View:
    """Replaces the ❌ menu: the answer, and a request to type a name. ⬅ returns to the menu."""
    text = Html(f"{answer_text(prediction, language)}\n\n{say(language, 'search-prompt')}")
    return View(text, ((AnswerPress(Action.WRONG, prediction.token).button(say_plain(language, "button-back")),),))


def search_results(prediction: Answered, query: str, found: Sequence[Breed], language: str) -> View:
    """The reply to a typed name: up to six breeds, or the news that nothing is near. A message of its own.

    A name that none of them has can be suggested as it is.
    """
    text = say(language, "search-found" if found else "search-nothing", query=query)
    again = AnswerPress(Action.SEARCH, prediction.token).button(say_plain(language, "button-search-again"))
    back = AnswerPress(Action.WRONG, prediction.token).button(say_plain(language, "button-back"))
    rows = breed_rows([breed.slug for breed in found[:OFFERED]], prediction, language)
    name = suggested_name(query)
    if name is None or any(is_called(breed, name) for breed in found):  # then there is nothing to suggest
        return View(text, (*rows, (again, back)))
    text = Html(f"{text}\n\n{say(language, 'search-suggest', name=name)}")
    label = say_plain(language, "button-suggest", name=shortened(name, SHOWN_OF_NAME))
    return View(text, (*rows, (AnswerPress(Action.SUGGEST, prediction.token).button(label),), (again, back)))


def suggested_name(text: str | None) -> str | None:
    """What was typed, fit to be stored and shown: one line, without what cannot be seen; None: there is no letter."""
    composed = unicodedata.normalize("NFC", text or "")
    visible = "".join(character if character.isprintable() else " " for character in composed)
    name = " ".join(visible.split())[:LIMIT].strip()
    return name if any(character.isalpha() for character in name) else None


def suggestion_of(update: ChatUpdate) -> str | None:
    """What was typed by who presses SUGGEST: the results of the search, whose button that is, are a reply to it."""
    typed = update.message.reply_to_message if update.message is not None else None
    if typed is None or typed.from_user is None or typed.from_user.id != update.user_id:
        return None
    return suggested_name(typed.text)


def breed_rows(breeds: Iterable[str], prediction: Answered, language: str) -> tuple[tuple[Button, ...], ...]:
    """Buttons that say which breed it is, two a row; takes slugs, and passes over those the catalogue has lost."""
    known = [breed for breed in breeds if breed in catalogue()]
    return two_a_row(
        [AnswerPress(Action.PICK, prediction.token, breed).button(breed_name(breed, language)) for breed in known]
    )
