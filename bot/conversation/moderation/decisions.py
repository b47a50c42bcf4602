"""What a moderator decides, in the database: once, whoever else decides too and however often they press."""

from datetime import timedelta

from bot.conversation.moderation.card_view import Done, LastStep
from bot.conversation.moderation.moderators import reviewer_of
from bot.conversation.toast import Toast
from core.claim import Decision, Verdict, claimed_label
from core.clock import utc_now
from db.database import Database
from db.errors import AlreadyDecided, RowMissing
from db.unit import Unit

PUT_OFF = timedelta(hours=20)  # a skipped claim is for tomorrow, not for the end of this round
_NAMELESS = frozenset({Verdict.OTHER, Verdict.DONT_KNOW})


async def decide(
    database: Database, moderator_id: int, event_id: int, decision: Decision, breed: str | None
) -> LastStep | Toast:
    """Accept or reject. Returns: what was done, or why nothing was.

    The same decision by the same moderator twice is once: an update may be handled again, and a button tapped twice.
    """
    reviewer = reviewer_of(moderator_id)
    async with database.unit() as unit:
        label = await _label(unit, event_id, breed)
        if decision is Decision.ACCEPTED and breed is None and await _names_nothing(unit, event_id):
            return Toast.WHICH_BREED
        try:
            await unit.reviews.decide(event_id, decision, reviewer=reviewer, breed=breed)
        except AlreadyDecided as error:
            stands = error.standing
            if (stands.reviewer, stands.decision, stands.breed) != (reviewer, decision, breed):
                return Toast.DECIDED_ALREADY
        except RowMissing:
            return Toast.CLAIM_GONE
    return LastStep(Done(decision.value), label)


async def put_off(database: Database, event_id: int) -> LastStep | Toast:
    """Leave it for tomorrow."""
    async with database.unit() as unit:
        try:
            await unit.review_queue.skip(event_id, utc_now() + PUT_OFF)
        except RowMissing:
            return Toast.CLAIM_GONE
    return LastStep(Done.SKIPPED)


async def take_back(database: Database, moderator_id: int, event_id: int) -> LastStep | Toast:
    """Undo one's own decision, as long as it stands."""
    reviewer = reviewer_of(moderator_id)
    async with database.unit() as unit:
        stands = await unit.reviews.latest(event_id)
        if stands is None or stands.reviewer != reviewer:
            return Toast.NOT_UNDONE
        if stands.decision is not Decision.REOPENED:
            try:
                await unit.reviews.decide(event_id, Decision.REOPENED, reviewer=reviewer)
            except RowMissing:
                return Toast.NOT_UNDONE
    return LastStep(Done.REOPENED)


async def _label(unit: Unit, event_id: int, breed: str | None) -> str | None:
    """What the claim teaches once it is accepted."""
    claim = await unit.feedback.get(event_id) if breed is None else None
    about = await unit.predictions.get(claim.prediction_id) if claim is not None else None
    if claim is None or about is None:
        return breed
    return claimed_label(claim.verdict, claim.breed, about.kind, about.top)


async def _names_nothing(unit: Unit, event_id: int) -> bool:
    claim = await unit.feedback.get(event_id)
    return claim is not None and claim.verdict in _NAMELESS
