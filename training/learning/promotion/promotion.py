"""A candidate that answers at once, without a trial."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from db.database import Database
from db.learning.learning_records import RetrainStatus
from inference.model.artefact import ArtefactError
from training.learning.retrain.outcome import RetrainOutcome

NOTE = "passed the gate"


async def promoted(
    database: Database, outcome: RetrainOutcome, promote: Callable[[str, str], Awaitable[None]]
) -> RetrainOutcome:
    """Promote what passed the gate; anything else stays as it is.

    Args:
        database: where the retrain is noted.
        outcome: of a retrain.
        promote: moves the pointer and notes it; gets the model's id and why.

    Raises:
        ArtefactError: the candidate does not load; its retrain is noted as failed.
    """
    if outcome.status is not RetrainStatus.SHADOW or outcome.model is None or outcome.dry_run:
        return outcome
    try:
        await promote(outcome.model, NOTE)
    except ArtefactError as error:
        async with database.unit() as unit:
            made = await unit.retrains.get(outcome.model)
            if made is not None:
                await unit.retrains.finish(made.id, RetrainStatus.FAILED, error=str(error))
        raise
    return replace(outcome, status=RetrainStatus.PROMOTED)
