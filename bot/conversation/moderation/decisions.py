"""A moderator's button → a decision; what stands in the way is a toast."""

from bot.conversation.callback import Toast
from bot.conversation.moderation.card_view import Done, LastStep
from bot.conversation.moderation.moderators import reviewer_of
from core.claim import Decision
from core.clock import utc_now
from db.database import Database
from db.errors import AlreadyDecided, BreedNeeded, RowMissing
from training.learning.feedback import decide as feedback


async def decide(
    database: Database, moderator_id: int, event_id: int, decision: Decision, breed: str | None
) -> LastStep | Toast:
    """Accept or reject. An update may be handled again, and a button tapped twice: that is once."""
    try:
        async with database.unit() as unit:
            done = await feedback.decide(unit, event_id, decision, reviewer_of(moderator_id), breed=breed)
    except BreedNeeded:
        return Toast.WHICH_BREED
    except AlreadyDecided:
        return Toast.DECIDED_ALREADY
    except RowMissing:
        return Toast.CLAIM_GONE
    return LastStep(Done(decision.value), done.label)


async def put_off(database: Database, event_id: int) -> LastStep | Toast:
    """Leave it for tomorrow."""
    try:
        async with database.unit() as unit:
            await feedback.put_off(unit, event_id, utc_now())
    except (AlreadyDecided, RowMissing):
        return Toast.CLAIM_GONE
    return LastStep(Done.SKIPPED)


async def take_back(database: Database, moderator_id: int, event_id: int) -> LastStep | Toast:
    """Undo one's own decision, as long as it stands."""
    try:
        async with database.unit() as unit:
            await feedback.take_back(unit, event_id, reviewer_of(moderator_id), utc_now())
    except (AlreadyDecided, RowMissing):
        return Toast.NOT_UNDONE
    return LastStep(Done.REOPENED)
