"""What is shown after a verdict: the answer, what the user said of it, and a way to say something else."""

from bot.conversation.answer.press import Action, button
from bot.conversation.answer.view import answer, answer_text, claimed_breed
from bot.conversation.breeds.breed_name import breed_name
from bot.telegram.message import Answered, View
from bot.texts import Html, say, say_plain
from core.claim import Verdict

_NOTED = {
    Verdict.CORRECT: "noted-correct",
    Verdict.NOT_A_DOG: "noted-not-a-dog",
    Verdict.OTHER: "noted-other",
}


def thanks(
    prediction: Answered, verdict: Verdict, language: str, breed: str | None = None, *, learned: bool = True
) -> View:
    """The view after a verdict. ``breed``: the slug that the user picked, or with OTHER the name that they suggest.

    ``learned``: whether it may be learned from. A verdict withdrawn leaves the answer as it was at first.
    """
    if verdict is Verdict.WITHDRAWN:
        return answer(prediction, language)
    text = Html(f"{answer_text(prediction, language)}\n\n{_said(prediction, verdict, language, breed, learned)}")
    return View(text, ((button(say_plain(language, "button-change"), Action.CHANGE, prediction),),))


def _said(prediction: Answered, verdict: Verdict, language: str, picked: str | None, learned: bool) -> Html:
    if not learned and verdict in _NOTED:
        named = (picked or "…") if verdict is Verdict.OTHER else breed_name(picked or "", language)
        return say(language, _NOTED[verdict], breed=named)
    breed = claimed_breed(prediction) if verdict is Verdict.CONFIRM else picked
    if verdict is Verdict.CONFIRM and breed is None:
        return say(language, "thanks-confirm-no-dog")
    if verdict is Verdict.OTHER:
        return say(language, "thanks-other", breed=breed or "…")
    return say(language, f"thanks-{verdict.value.replace('_', '-')}", breed=breed_name(breed or "", language))
