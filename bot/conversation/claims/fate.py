"""What became of a claim, in a line: who decided, and what."""

from bot.conversation.breeds.breed_name import breed_name
from bot.texts import Html, say
from core.breeds.catalogue import MIXED_BREED, NOT_A_DOG
from core.claim import Decision, Verdict
from db.chat.chat_records import ReviewRecord
from db.learning.claim_status import POLICY


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
    if (chosen := corrected(review, claimed)) is not None:
        return say(language, "fate-corrected", breed=label_name(chosen, language))
    return say(language, "fate-rule" if review.reviewer == POLICY else "fate-person")


def corrected(review: ReviewRecord, claimed: str | None) -> str | None:
    """The label that a reviewer chose instead of the claimed one."""
    return review.breed if review.decision is Decision.ACCEPTED and review.breed != claimed else None


def overruled(
    review: ReviewRecord, said: str, claimed: str | None, day: str, language: str, *, verdict: Verdict
) -> Html | None:
    """The word to somebody whose claim taught nothing, or something else; None: it taught what it says.

    ``said``: what the claim says, as people call it. Whoever typed a name has found a breed that was meant.
    """
    if review.decision is Decision.REJECTED:
        return say(language, "overruled-rejected", said=said, day=day)
    chosen = corrected(review, claimed)
    if chosen is None or verdict is Verdict.OTHER:
        return None
    return say(language, "overruled-corrected", said=said, day=day, breed=label_name(chosen, language))
