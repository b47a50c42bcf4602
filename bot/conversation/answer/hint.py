"""What somebody wrote beside their photo: shown beside the answer, offered as a correction, and believed of nobody."""

from bot.conversation.answer.view import claimed_breed
from bot.conversation.breeds.breed_name import breed_name
from bot.telegram.message import Answered, View
from bot.texts import Html, say


def hint_line(answered: Answered | None, hint: str, language: str) -> Html:
    """Say what they wrote, and whether the answer agrees; None: there are several answers."""
    same = answered is not None and claimed_breed(answered) == hint
    key = "hint-written-too" if same else "hint-written"
    return say(language, key, breed=breed_name(hint, language))


def with_hint(view: View, answered: Answered, hint: str | None, language: str) -> View:
    """The view with that line at its end."""
    if hint is None:
        return view
    return View(f"{view.text}\n\n{hint_line(answered, hint, language)}", view.keyboard)
