"""Claims for people and programs: `breedbot feedback list`."""

from collections.abc import Callable, Iterable
from typing import Any

from rich.table import Table

from core.claim import Verdict
from core.prediction import Kind
from db.learning.claims import ClaimRecord, ClaimStatus
from training.evaluation.report.breed_names import display_name


def claim_json(claim: ClaimRecord, photo: str, *, with_users: bool) -> dict[str, Any]:
    """One object of `feedback list --json`, and one row of a table; ids of people only `with_users`."""
    users = {"user": claim.user_id} if with_users else {}
    return {
        "event": claim.event_id,
        "status": claim.status.value,
        **users,
        "verdict": claim.verdict.value,
        "answered": claim.answered,
        "confidence": confidence(claim),
        "model": claim.model_id,
        "claimed": claim.claimed,
        "suggestion": claim.suggestion,
        "said_at": claim.created_at.isoformat(timespec="seconds"),
        "label": claim.taught,
        "reviewer": reviewer(claim, with_users=with_users),
        "reason": claim.reason,
        "reviewed_at": claim.reviewed_at.isoformat(timespec="seconds") if claim.reviewed_at else None,
        "photo": photo,
        "dog": claim.dog + 1,
        "box": " ".join(f"{side:.3f}" for side in claim.box) if claim.box is not None else None,
    }


def claim_table(claims: Iterable[ClaimRecord], photo_of: Callable[[str], str], status: ClaimStatus) -> Table:
    """For people; `photo_of`: where a photo is, by its SHA-256."""
    decided = () if status is ClaimStatus.WAITING else (status.value, "by", "why")
    table = Table("event", "said", "answer", "correction", *decided, box=None)
    table.add_column("photo", overflow="fold")
    for claim in claims:
        label = display_name(claim.taught) if claim.taught else ""
        decision = (label, reviewer(claim, with_users=False) or "", claim.reason or "") if decided else ()
        table.add_row(
            str(claim.event_id), f"{claim.created_at:%Y-%m-%d %H:%M}", _answer(claim), correction(claim), *decision,
            photo_of(claim.photo_sha256),
        )  # fmt: skip
    return table


def correction(claim: ClaimRecord) -> str:
    """What the person says, in a word."""
    if claim.verdict is Verdict.CONFIRM:
        return "✓"
    if claim.suggestion is not None:
        return f"“{claim.suggestion}”, which the catalogue lacks"
    return display_name(claim.claimed) if claim.claimed else "don't know"


def confidence(claim: ClaimRecord) -> float | None:
    """Of the answer: that of its best breed, or that it is no dog."""
    if claim.kind is Kind.NOT_A_DOG:
        return round(claim.not_a_dog, 4)
    return round(claim.top[0].confidence, 4) if claim.top else None


def reviewer(claim: ClaimRecord, *, with_users: bool) -> str | None:
    """Who decided: "cli", "policy" or "moderator", whose id is a person's too."""
    who = claim.reviewer
    return who if who is None or with_users else who.partition(":")[0]


def _answer(claim: ClaimRecord) -> str:
    said, sure = claim.answered, confidence(claim)
    if said is None or sure is None:
        return "nothing"
    doubt = "?" if claim.kind is Kind.UNSURE else ""
    return f"{display_name(said)}{doubt} {sure:.0%}"
