"""The trust policy on what waits now: ``breedbot feedback trust``, and before each retrain that may be due."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from core.claim import Decision
from core.clock import utc_now
from db.database import Database
from db.errors import AlreadyDecided, RowMissing
from db.learning.learning_records import AcceptedTally, ReviewCounts
from inference.model.head import Head
from inference.store.folder_store import ModelStore
from training.learning.trust.champion_view import ChampionView
from training.learning.trust.confusion import Shared, shared_probability
from training.learning.trust.outcome import TrustOutcome
from training.learning.trust.params import TrustParams
from training.learning.trust.policy import POLICY, PolicyDecision, decide
from training.learning.trust.reliability import Trust
from training.learning.trust.waiting_claim import WaitingClaim

PAGE: Final = 500  # claims, with 3 MB of features
SCAN_LIMIT: Final = 100_000  # claims looked at in one run
WRITTEN_AT_ONCE: Final = 50  # decisions a unit: a bot that writes meanwhile waits for that long
DAY: Final = timedelta(days=1)


async def apply_trust(
    database: Database,
    store: ModelStore,
    params: TrustParams,
    *,
    dry_run: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> TrustOutcome:
    """Look at every claim that waits, and accept what the policy accepts.

    What anybody has ever decided about, reopened claims included, stays with people.

    Raises:
        ArtefactError: there is no sound model to see with.
        DatabaseError: reading or writing failed; what had been accepted stays so.
    """
    if not params.enabled:
        return TrustOutcome(enabled=False, dry_run=dry_run)
    head, shared = await asyncio.to_thread(_champion, store)
    params = params.among(len(head.labels))
    ripe = clock() - params.wait
    claims = await _waiting(database, ChampionView(head, shared, ripe if params.wait else None, ripe - DAY))
    tallies, counts = await _history(database, claims, clock() - DAY)
    decisions = await asyncio.to_thread(lambda: decide(claims, Trust.weigh(claims, counts, params), tallies, params))
    decisions = await _left_to_people(database, decisions)
    if not dry_run:
        decisions = await _write(database, decisions)
    return TrustOutcome(head.model, tuple(decisions), dry_run=dry_run)


def _champion(store: ModelStore) -> tuple[Head, Shared]:
    artefact = store.head(store.pointer().model)
    head = artefact.head()
    features, labels = store.backbone(artefact.backbone_id).golden()
    return head, shared_probability(head.probabilities(features), labels, head.labels)


async def _waiting(database: Database, view: ChampionView) -> list[WaitingClaim]:
    after: tuple[float, int] | None = None
    seen, page = 0, PAGE
    while page == PAGE and seen < SCAN_LIMIT:
        async with database.unit(read_only=True) as unit:
            items = await unit.review_queue.next(PAGE, after=after)
            features = await unit.predictions.features({item.prediction_id for item in items})
        await asyncio.to_thread(view.add, items, features)
        page = len(items)
        seen += page
        after = (items[-1].priority, items[-1].event_id) if items else after
    return await asyncio.to_thread(view.claims)


async def _history(
    database: Database, claims: Sequence[WaitingClaim], since: datetime
) -> tuple[list[AcceptedTally], dict[int, ReviewCounts]]:
    async with database.unit(read_only=True) as unit:
        tallies = await unit.reviews.accepted_by(POLICY, since)
        people = {claim.user_id for claim in claims} | {tally.user_id for tally in tallies}
        return tallies, await unit.reviews.by_users(people)


async def _left_to_people(database: Database, decisions: Sequence[PolicyDecision]) -> list[PolicyDecision]:
    """A moderator who takes a decision back has a reason, and has the last word."""
    found: list[PolicyDecision] = []
    async with database.unit(read_only=True) as unit:
        for one in decisions:
            reviewed = one.decision is not None and await unit.reviews.latest(one.event_id) is not None
            found.append(one.waits("somebody took a decision about it back") if reviewed else one)
    return found


async def _write(database: Database, decisions: Sequence[PolicyDecision]) -> list[PolicyDecision]:
    """What somebody else decided, replaced or withdrew meanwhile waits here, and is left alone."""
    accepted = [one for one in decisions if one.decision is Decision.ACCEPTED]
    lost: set[int] = set()
    for start in range(0, len(accepted), WRITTEN_AT_ONCE):
        async with database.unit() as unit:
            for one in accepted[start : start + WRITTEN_AT_ONCE]:
                try:
                    await unit.reviews.decide(one.event_id, Decision.ACCEPTED, reviewer=POLICY, reason=one.reason)
                except (AlreadyDecided, RowMissing):
                    lost.add(one.event_id)
    return [one for one in decisions if one.event_id not in lost]
