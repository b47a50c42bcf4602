"""Taking a model back: which claims taught it, what becomes of them, and which models must not answer again."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.learning.learning_records import EvidenceRecord
from db.unit import Unit
from inference.model.artefact import HeadArtefact
from training.learning.errors import TaughtByForgotten

BY_ITSELF = "take-back"  # reviewer of what is set aside when people disagreed with a model


@dataclass(frozen=True, slots=True)
class RolledBack:
    """A model was taken back.

    Attributes:
        model: which.
        back: answers again.
        set_aside: ids of the claims that teach nothing any more; empty where they were kept.
    """

    model: str
    back: str
    set_aside: tuple[int, ...] = ()


async def taught_only(unit: Unit, model: str, back: str) -> list[EvidenceRecord]:
    """Claims that taught a model and not the one that answers instead, oldest first."""
    known = {one.event_id for one in await unit.evidence.of(back)}
    return [one for one in await unit.evidence.of(model) if one.event_id not in known]


async def set_lesson_aside(unit: Unit, model: str, back: str, reviewer: str) -> Sequence[int]:
    """Set aside what taught a model and not the one before: the next one is made without it. Returns: which claims."""
    claims = [one.event_id for one in await taught_only(unit, model, back)]
    return await unit.reviews.set_aside(claims, reviewer=reviewer, reason=f"taught {model}, which was taken back")


async def refuse_forgotten(unit: Unit, head: HeadArtefact) -> None:
    """Raises TaughtByForgotten for a model, made here, of claims that are not all there any more."""
    stated = head.manifest.get("feedback")
    if stated is None or await unit.retrains.get(head.id) is None:
        return
    gone = int(stated["claims"]) - await unit.evidence.count(head.id)
    if gone > 0:
        raise TaughtByForgotten(
            f"{head.id} may not answer again: {gone:,} of the claims that taught it are of people who were forgotten "
            f"since; `breedbot retrain` makes one without them, `breedbot models promote {head.manifest['base']}` goes "
            "back to the one without any"
        )
