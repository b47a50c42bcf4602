"""What is shown after a verdict: the answer, what the user said of it, and a way to say something else.

Where the answer is far above, as after a search, the same is said without it where the user is.
"""

from bot.conversation.answer.press import Action, button
from bot.conversation.answer.view import answer, answer_text, claimed_breed
from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.claims.fate import once_accepted
from bot.telegram.message import Answered, View
from bot.texts import Html, say, say_plain
from core.breeds.catalogue import MIXED_BREED
from core.claim import Verdict

_NOTED = {
    Verdict.CORRECT: "noted-correct",
    Verdict.NOT_A_DOG: "noted-not-a-dog",
    Verdict.OTHER: "noted-other",
}


def thanks(
    prediction: Answered,
    verdict: Verdict,
    language: str,
    breed: str | None = None,
    *,
    learned: bool = True,
    rule: bool = True,
    fate: Html | None = None,
) -> View:
    """The view after a verdict. A verdict withdrawn leaves the answer as it was at first.

    Args:
        prediction: the answer.
        verdict: what was said of it.
        language: of the reader.
        breed: the slug that the user picked, or with OTHER the name that they suggest.
        learned: whether it may be learned from.
        rule: whether it may be accepted without a person.
        fate: what was decided about it; None: it waits.
    """
    if verdict is Verdict.WITHDRAWN:
        return answer(prediction, language)
    if fate is None:
        said = _said(prediction, verdict, language, breed, once_accepted(language, rule=rule) if learned else None)
    else:
        said = Html(f"{_said(prediction, verdict, language, breed, None)}\n{fate}")
    return _changeable(Html(f"{answer_text(prediction, language)}\n\n{said}"), prediction, language)


def thanks_alone(
    prediction: Answered, verdict: Verdict, language: str, breed: str | None, *, learned: bool, rule: bool
) -> View:
    """What was said, without the answer. The arguments are those of `thanks`."""
    once = once_accepted(language, rule=rule) if learned else None
    return _changeable(_said(prediction, verdict, language, breed, once), prediction, language)


def _changeable(text: Html, prediction: Answered, language: str) -> View:
    return View(text, ((button(say_plain(language, "button-change"), Action.CHANGE, prediction),),))


def _said(prediction: Answered, verdict: Verdict, language: str, picked: str | None, once: Html | None) -> Html:
    """``once``: when it is learned from; None: never, or that is said apart."""
    if verdict is Verdict.CORRECT and picked == MIXED_BREED:
        return say(language, "thanks-mixed")
    if once is None and verdict in _NOTED:
        named = (picked or "…") if verdict is Verdict.OTHER else breed_name(picked or "", language)
        return say(language, _NOTED[verdict], breed=named)
    breed = claimed_breed(prediction) if verdict is Verdict.CONFIRM else picked
    if verdict is Verdict.CONFIRM and breed is None:
        return say(language, "thanks-confirm-no-dog")
    if verdict is Verdict.OTHER:
        return say(language, "thanks-other", breed=breed or "…")
    named = breed_name(breed or "", language)
    return say(language, f"thanks-{verdict.value.replace('_', '-')}", breed=named, once=once or "")
