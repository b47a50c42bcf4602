"""What people say about an answer, what is decided about that, and what it teaches: one label, or nothing."""

from collections.abc import Sequence
from enum import StrEnum

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import BreedScore, Kind


class Verdict(StrEnum):
    """What a person claims about an answer; the last claim counts."""

    CONFIRM = "confirm"
    CORRECT = "correct"
    NOT_A_DOG = "not_a_dog"
    DONT_KNOW = "dont_know"
    WITHDRAWN = "withdrawn"
    OTHER = "other"
    """A breed that the catalogue lacks; its name, as typed, is the claim's suggestion."""


class Decision(StrEnum):
    """What a reviewer made of a claim."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REOPENED = "reopened"
    """Undone: the claim waits again."""
    SET_ASIDE = "set_aside"
    """Accepted once, and teaching nothing any more: a model was worse for it. Waits for nobody; can be restored."""


def dog_key(photo_sha256: str, dog: int) -> str:
    """What claims are about: one dog of one photo, whoever sent that."""
    return f"{photo_sha256}#{dog}" if dog else photo_sha256


def answered_breed(kind: Kind, top: Sequence[BreedScore]) -> str | None:
    """What was answered, and what a ✅ confirms: the best breed, or `not_a_dog`."""
    if kind is Kind.NOT_A_DOG:
        return NOT_A_DOG
    return top[0].breed if top else None


def claimed_label(verdict: Verdict, breed: str | None, kind: Kind, top: Sequence[BreedScore]) -> str | None:
    """What a claim says the photo shows; None where it names nothing that the catalogue has."""
    if verdict is Verdict.CONFIRM:
        return answered_breed(kind, top)
    return {Verdict.CORRECT: breed, Verdict.NOT_A_DOG: NOT_A_DOG}.get(verdict)


def taught_breed(
    verdict: Verdict,
    claimed: str | None,
    reviewed: str | None,
    kind: Kind,
    top: Sequence[BreedScore],
) -> str | None:
    """The label of an accepted claim; the reviewer has the last word. None: nothing to learn."""
    return reviewed or claimed_label(verdict, claimed, kind, top)
