"""Finding the right breed by its name, or suggesting a name that none has."""

import unicodedata
from collections.abc import Sequence

from bot.conversation.answer.corrections import OFFERED, breed_rows
from bot.conversation.answer.press import Action, button
from bot.conversation.answer.view import answer_text
from bot.conversation.breeds.named import is_called
from bot.telegram.message import Answered, View, shortened
from bot.texts import Html, say, say_plain
from core.breeds.catalogue import Breed

SHOWN_OF_NAME = 20  # characters on the button, which says more than the name
LIMIT = 60  # characters of a suggested name; the longest of the catalogue has 48


def search_prompt(prediction: Answered, language: str) -> View:
    """Replaces the ❌ menu: the answer, and a request to type a name. ⬅ returns to the menu."""
    text = Html(f"{answer_text(prediction, language)}\n\n{say(language, 'search-prompt')}")
    return View(text, ((button(say_plain(language, "button-back"), Action.WRONG, prediction),),))


def search_results(prediction: Answered, query: str, found: Sequence[Breed], language: str) -> View:
    """The reply to a typed name: up to six breeds, or the news that nothing is near. A message of its own.

    A name that none of them has can be suggested as it is.
    """
    text = say(language, "search-found" if found else "search-nothing", query=query)
    again = button(say_plain(language, "button-search-again"), Action.SEARCH, prediction)
    back = button(say_plain(language, "button-back"), Action.WRONG, prediction)
    rows = breed_rows([breed.slug for breed in found[:OFFERED]], prediction, language)
    name = suggested_name(query)
    if name is None or any(is_called(breed, name) for breed in found):  # then there is nothing to suggest
        return View(text, (*rows, (again, back)))
    text = Html(f"{text}\n\n{say(language, 'search-suggest', name=name)}")
    label = say_plain(language, "button-suggest", name=shortened(name, SHOWN_OF_NAME))
    return View(text, (*rows, (button(label, Action.SUGGEST, prediction),), (again, back)))


def suggested_name(text: str | None) -> str | None:
    """What was typed, fit to be stored and shown: one line, without what cannot be seen; None: there is no letter."""
    composed = unicodedata.normalize("NFC", text or "")
    visible = "".join(character if character.isprintable() else " " for character in composed)
    name = " ".join(visible.split())[:LIMIT].strip()
    return name if any(character.isalpha() for character in name) else None
