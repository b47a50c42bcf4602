"""What `breedbot retrain --if-due` asks the database before it goes to work."""

from collections.abc import Callable
from datetime import datetime

from core.clock import utc_now
from db.database import Database
from training.learning.retrain.due import Due, DueRules, due


async def occasion(database: Database, rules: DueRules, clock: Callable[[], datetime] = utc_now) -> Due:
    """Whether it is time; raises DatabaseError."""
    async with database.unit(read_only=True) as unit:
        last = next(iter(await unit.retrains.last(1)), None)
        champion = await unit.model_versions.champion()
        corrections = await unit.retrains.accepted_since(None if last is None else last.started_at)
    return due(clock(), last, None if champion is None else champion.promoted_at, corrections, rules)
