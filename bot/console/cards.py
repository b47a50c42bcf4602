"""A claim as the page shows it: every sentence ready in the moderator's language."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from babel.dates import format_timedelta

from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.moderation.record_view import record_notes
from bot.texts import Percent, say_plain
from core.breeds.catalogue import MIXED_BREED, NOT_A_DOG
from core.claim import Verdict, answered_breed, claimed_label
from core.prediction import Kind
from db.chat.chat_records import FeedbackRecord, PredictionRecord
from db.learning.learning_records import ReviewCounts, ReviewItem

SHOWN: Final = 3
WORTH_SHOWING: Final = 0.05

_EYEBROWS: Final = {
    Verdict.CORRECT: "console-claim-correct",
    Verdict.NOT_A_DOG: "console-claim-correct",
    Verdict.CONFIRM: "console-claim-confirm",
    Verdict.OTHER: "console-claim-other",
}
_SAID: Final = {
    Kind.BREED: "console-said",
    Kind.UNSURE: "console-said-unsure",
    Kind.NOT_A_DOG: "console-said-no-dog",
}


def card(
    item: ReviewItem, person: ReviewCounts, language: str, *, heatmaps: bool, rule: bool, now: datetime
) -> dict[str, Any]:
    """JSON of one claim; `person`: how their earlier claims fared; `rule`: the trust policy decides, too."""
    name, label = claim_name(item, language), label_of(item)
    verb = "console-accept-breed" if label else "console-map"
    return {
        "event_id": item.event_id,
        "photo": f"photos/{item.event_id}",
        "alt": say_plain(language, "console-alt", breed=name),
        "claim": {
            "kind": item.verdict.value,
            "eyebrow": say_plain(language, _EYEBROWS.get(item.verdict, "console-claim-correct")),
            "text": name,
            "typed": item.suggestion or "",
            "note": say_plain(language, "console-claim-note") if label is None else "",
        },
        "said": say_plain(language, _SAID[item.kind]),
        "bars": [_bar(breed, share, label, language) for breed, share in _shares(item, label)],
        "facts": " · ".join(_facts(item, person, language, rule, now)),
        "person": {"href": f"decisions?person={item.user_id}", "text": say_plain(language, "console-their-claims")},
        "accept": say_plain(language, verb, breed=name),
        "accepting": say_plain(language, "console-done-accepted", breed=name),
        "rejecting": say_plain(language, "console-done-rejected", breed=name),
        "heat": list(_heat(item, label, language)) if heatmaps else [],
    }


def label_of(item: ReviewItem) -> str | None:
    """What a claim says the photo shows, as a slug or ``not_a_dog``; None where it names nothing that we have."""
    return claimed_label(item.verdict, item.claimed_breed, item.kind, item.top)


def label_name(label: str, language: str) -> str:
    """What a label is called, "Not a dog" included: plain text, with a capital letter."""
    return say_plain(language, "console-not-a-dog") if label == NOT_A_DOG else breed_name(label, language)


def claim_name(item: ReviewItem, language: str) -> str:
    """The same for people, plain text."""
    return _name(label_of(item), item.suggestion, language)


def stored_claim_name(claim: FeedbackRecord, answer: PredictionRecord, language: str) -> str:
    """The same for a claim that does not wait any more."""
    label = claimed_label(claim.verdict, claim.breed, answer.kind, answer.top)
    return _name(label, claim.suggestion, language)


def age(moment: datetime, language: str, now: datetime) -> str:
    """``3 hours ago``."""
    return format_timedelta(min(moment - now, now - now), add_direction=True, locale=language)


def _name(label: str | None, suggestion: str | None, language: str) -> str:
    if label is not None:
        return label_name(label, language)
    return say_plain(language, "console-typed", text=suggestion or "…")


def _shares(item: ReviewItem, label: str | None) -> Iterator[tuple[str, float]]:
    """The best three, the claimed one wherever it is among the best five, and "no dog" where it was thought of."""
    rows = [(one.breed, one.confidence) for place, one in enumerate(item.top) if place < SHOWN or one.breed == label]
    thought_of = item.not_a_dog >= WORTH_SHOWING or NOT_A_DOG in {label, answered_breed(item.kind, item.top)}
    rows += [(NOT_A_DOG, item.not_a_dog)] if thought_of else []
    yield from sorted(rows, key=lambda row: -row[1])


def _bar(breed: str, share: float, label: str | None, language: str) -> dict[str, Any]:
    percent = say_plain(language, "console-share", share=Percent(share))
    name = label_name(breed, language)
    return {"breed": breed, "name": name, "share": round(share, 4), "percent": percent, "claimed": breed == label}


def _facts(item: ReviewItem, person: ReviewCounts, language: str, rule: bool, now: datetime) -> Iterator[str]:
    yield age(item.created_at, language, now)
    accepted, rejected = person.accepted + person.policy_accepted, person.rejected + person.policy_rejected
    if accepted or rejected:
        yield say_plain(language, "console-person", accepted=accepted, rejected=rejected)
    else:
        yield say_plain(language, "console-person-new")
    yield from record_notes(item, person, language, rule=rule)
    if item.dogs > 1:
        yield say_plain(language, "console-dog", number=item.dog + 1, dogs=item.dogs)
    yield item.model_id


def _heat(item: ReviewItem, label: str | None, language: str) -> Iterator[dict[str, str]]:
    """First why the model said so, then what speaks for the person."""
    for breed in dict.fromkeys((answered_breed(item.kind, item.top), label)):
        if breed is not None and breed != MIXED_BREED:
            name = label_name(breed, language)
            yield {
                "path": f"heatmaps/{item.event_id}/{breed}",
                "caption": say_plain(language, "console-heat-caption", breed=name),
                "none": say_plain(language, "console-heat-none", breed=name),
            }
