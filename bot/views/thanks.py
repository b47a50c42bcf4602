"""What is shown after a verdict: the answer, what the user said of it, and a way to say something else."""

from enum import StrEnum

from bot.callback_data import Action
from bot.texts import Html, say, say_plain
from bot.views.answer import answer_text, claimed_breed
from bot.views.breed_name import breed_name
from bot.views.view import Answered, View, button


class Verdict(StrEnum):
    """What a user says of an answer, by the names under which ``db`` keeps it."""

    CONFIRM = "confirm"
    CORRECT = "correct"
    NOT_A_DOG = "not_a_dog"
    DONT_KNOW = "dont_know"


def thanks(prediction: Answered, verdict: str, language: str, breed: str | None = None) -> View:
    """The view after a verdict; ``breed`` is the slug that the user picked (CORRECT only)."""
    text = Html(f"{answer_text(prediction, language)}\n\n{_said(prediction, Verdict(verdict), language, breed)}")
    return View(text, ((button(say_plain(language, "button-change"), Action.CHANGE, prediction),),))


def _said(prediction: Answered, verdict: Verdict, language: str, picked: str | None) -> Html:
    breed = claimed_breed(prediction) if verdict is Verdict.CONFIRM else picked
    if verdict is Verdict.CONFIRM and breed is None:
        return say(language, "thanks-confirm-no-dog")
    return say(language, f"thanks-{verdict.value.replace('_', '-')}", breed=breed_name(breed or "", language))
