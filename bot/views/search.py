"""Finding the right breed by its name."""

from collections.abc import Sequence

from bot.callback_data import Action
from bot.texts import Html, say, say_plain
from bot.views.answer import answer_text
from bot.views.corrections import OFFERED, breed_rows
from bot.views.view import Answered, View, button
from inference.breeds import Breed


def search_prompt(prediction: Answered, language: str) -> View:
    """Replaces the ❌ menu: the answer, and a request to type a name. ⬅ returns to the menu."""
    text = Html(f"{answer_text(prediction, language)}\n\n{say(language, 'search-prompt')}")
    return View(text, ((button(say_plain(language, "button-back"), Action.WRONG, prediction),),))


def search_results(prediction: Answered, query: str, found: Sequence[Breed], language: str) -> View:
    """The reply to a typed name: up to six breeds, or the news that nothing is near. A message of its own."""
    key = "search-found" if found else "search-nothing"
    again = button(say_plain(language, "button-search-again"), Action.SEARCH, prediction)
    back = button(say_plain(language, "button-back"), Action.WRONG, prediction)
    rows = breed_rows([breed.slug for breed in found[:OFFERED]], prediction, language)
    return View(say(language, key, query=query), (*rows, (again, back)))
