"""What an accepted claim teaches: one label, or nothing."""

from collections.abc import Sequence

from db.chat.chat_records import BreedConfidence, PredictionKind, Verdict

NOT_A_DOG = "not_a_dog"


def answered_breed(kind: PredictionKind, top: Sequence[BreedConfidence]) -> str | None:
    """What was answered, and what a ✅ confirms: the best breed, or `not_a_dog`."""
    if kind is PredictionKind.NOT_A_DOG:
        return NOT_A_DOG
    return top[0].breed if top else None


def claimed_label(
    verdict: Verdict, breed: str | None, kind: PredictionKind, top: Sequence[BreedConfidence]
) -> str | None:
    """What a claim says the photo shows; None where it names nothing that the catalogue has."""
    if verdict is Verdict.CONFIRM:
        return answered_breed(kind, top)
    return {Verdict.CORRECT: breed, Verdict.NOT_A_DOG: NOT_A_DOG}.get(verdict)


def taught_breed(
    verdict: Verdict,
    claimed: str | None,
    reviewed: str | None,
    kind: PredictionKind,
    top: Sequence[BreedConfidence],
) -> str | None:
    """The label of an accepted claim; the reviewer has the last word. None: nothing to learn."""
    return reviewed or claimed_label(verdict, claimed, kind, top)
