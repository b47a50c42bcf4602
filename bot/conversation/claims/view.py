"""What is said of a claim: after it was made, and what became of it.

After a verdict the answer is shown, what the user said of it, and a way to say something else. Where the answer is far
above, as after a search, the same is said without it where the user is.
"""

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.view import answer, answer_text, claimed_breed
from bot.conversation.breeds.breed_name import breed_name
from bot.telegram.message import Answered, View
from bot.texts import Html, say, say_plain
from core.breeds.catalogue import MIXED_BREED, NOT_A_DOG
from core.claim import Decision, Verdict
from db.chat.chat_records import ReviewRecord
from db.learning.claim_status import POLICY

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
    alone: bool = False,
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
        alone: without the answer.
    """
    if verdict is Verdict.WITHDRAWN:
        return answer(prediction, language)
    once = once_accepted(language, rule=rule) if learned and fate is None else None
    said = _said(prediction, verdict, language, breed, once)
    text = "\n".join([said, *([fate] if fate is not None else [])])
    change = AnswerPress(Action.CHANGE, prediction.token).button(say_plain(language, "button-change"))
    return View(text if alone else f"{answer_text(prediction, language)}\n\n{text}", ((change,),))


def once_accepted(language: str, *, rule: bool) -> Html:
    """When we learn from a claim; ``rule``: whether the trust policy may accept it, too."""
    return say(language, "once-rule" if rule else "once-person")


def label_name(label: str, language: str) -> str:
    """As it stands in a sentence; plain text."""
    return say(language, "said-not-a-dog") if label == NOT_A_DOG else breed_name(label, language)


def fate(review: ReviewRecord, claimed: str | None, language: str) -> Html:
    """What was decided last about a claim that says ``claimed``; None: a name that the catalogue lacks."""
    if review.decision is Decision.REOPENED:
        return say(language, "fate-waits")
    if review.decision is Decision.REJECTED:
        return say(language, "fate-rejected")
    if review.decision is Decision.SET_ASIDE:
        return say(language, "fate-aside")
    if MIXED_BREED in {review.breed, claimed} and review.breed in {MIXED_BREED, None}:
        return say(language, "fate-mixed")
    if review.breed is not None and review.breed != claimed:
        return say(language, "fate-corrected", breed=label_name(review.breed, language))
    return say(language, "fate-rule" if review.reviewer == POLICY else "fate-person")


def overruled(review: ReviewRecord, said: str, claimed: str | None, day: str, language: str) -> Html | None:
    """The word to somebody whose claim taught nothing, or something else; None: it taught what it says.

    ``said``: what the claim says, as people call it. Whoever typed a name has found a breed that was meant.
    """
    if review.decision is Decision.REJECTED:
        return say(language, "overruled-rejected", said=said, day=day)
    if review.breed is None or not review.put_right(claimed):
        return None
    if review.breed == MIXED_BREED:
        return say(language, "overruled-mixed", said=said, day=day)
    return say(language, "overruled-corrected", said=said, day=day, breed=label_name(review.breed, language))


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
