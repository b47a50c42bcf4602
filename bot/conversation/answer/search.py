"""Finding the right breed by its name."""

from collections.abc import Sequence

from bot.conversation.answer.corrections import OFFERED, breed_rows
from bot.conversation.answer.suggested_name import is_one_of, suggested_name
from bot.conversation.answer.view import answer_text
from bot.conversation.answer_press import Action
from bot.telegram.message import Answered, View, button, shortened
from bot.texts import Html, say, say_plain
from core.breeds.catalogue import Breed

SHOWN_OF_NAME = 20  # characters on the button, which says more than the name


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
    if name is None or is_one_of(name, found):
        return View(text, (*rows, (again, back)))
    text = Html(f"{text}\n\n{say(language, 'search-suggest', name=name)}")
    label = say_plain(language, "button-suggest", name=shortened(name, SHOWN_OF_NAME))
    return View(text, (*rows, (button(label, Action.SUGGEST, prediction),), (again, back)))
