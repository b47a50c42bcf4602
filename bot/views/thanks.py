"""What is shown after a verdict: the answer, what the user said of it, and a way to say something else."""

from bot.callback_data import Action
from bot.texts import Html, say, say_plain
from bot.views.answer import answer, answer_text, claimed_breed
from bot.views.breed_name import breed_name
from bot.views.view import Answered, View, button
from db.records import Verdict


def thanks(prediction: Answered, verdict: Verdict, language: str, breed: str | None = None) -> View:
    """The view after a verdict. ``breed``: the slug that the user picked; needed for CORRECT, else ignored.

    A verdict withdrawn leaves the answer as it was at first.
    """
    if verdict is Verdict.WITHDRAWN:
        return answer(prediction, language)
    text = Html(f"{answer_text(prediction, language)}\n\n{_said(prediction, verdict, language, breed)}")
    return View(text, ((button(say_plain(language, "button-change"), Action.CHANGE, prediction),),))


def _said(prediction: Answered, verdict: Verdict, language: str, picked: str | None) -> Html:
    breed = claimed_breed(prediction) if verdict is Verdict.CONFIRM else picked
    if verdict is Verdict.CONFIRM and breed is None:
        return say(language, "thanks-confirm-no-dog")
    return say(language, f"thanks-{verdict.value.replace('_', '-')}", breed=breed_name(breed or "", language))
