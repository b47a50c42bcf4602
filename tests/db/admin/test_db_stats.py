"""What the community taught, in numbers."""

import os

from db_samples import ANNA, BEN, claimed, said

from core.claim import Decision, Verdict
from db.database import Database
from db.learning.learning_records import CommunityStats, RetrainStatus, RetrainTrigger


async def test_a_community_that_said_nothing_taught_nothing(database: Database) -> None:
    async with database.unit(read_only=True) as unit:
        assert await unit.stats.community() == CommunityStats(0, 0, 0, [], 0, 0)


async def test_what_counts_is_counted(database: Database) -> None:
    async with database.unit() as unit:
        for user_id, verdict, breed, decision in [
            (ANNA, Verdict.CORRECT, "saluki", Decision.ACCEPTED),
            (ANNA, Verdict.CORRECT, "pug", Decision.ACCEPTED),
            (ANNA, Verdict.CORRECT, "pug", Decision.ACCEPTED),
            (ANNA, Verdict.CONFIRM, None, Decision.ACCEPTED),
            (BEN, Verdict.CORRECT, "pug", Decision.REJECTED),
        ]:
            claim = await claimed(unit, verdict, breed=breed, user_id=user_id)
            await unit.reviews.decide(claim.id, decision, reviewer="cli")
        await claimed(unit, Verdict.OTHER, user_id=BEN)
        taken_back = await claimed(unit, user_id=BEN)
        await said(unit, taken_back.prediction_id, Verdict.WITHDRAWN, user_id=BEN)
        for status in (RetrainStatus.PROMOTED, RetrainStatus.PROMOTED, RetrainStatus.REJECTED):
            retrain = await unit.retrains.start(RetrainTrigger.SCHEDULE, "head-1", os.getpid())
            await unit.retrains.finish(retrain.id, status, model_id="head-2")  # made twice of the same claims

        assert await unit.stats.community() == CommunityStats(
            accepted=4,
            corrections=3,
            people=1,
            breeds=[("pug", 2), ("afghan_hound", 1), ("saluki", 1)],
            waiting=1,
            models=1,
        )


async def test_whose_accepted_claims_are_gone_is_not_counted(database: Database) -> None:
    async with database.unit() as unit:
        for user_id in (ANNA, BEN):
            claim = await claimed(unit, user_id=user_id)
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="cli", breed="pug")
        await said(unit, claim.prediction_id, Verdict.WITHDRAWN, user_id=BEN)

        stats = await unit.stats.community()

    assert (stats.accepted, stats.people) == (1, 1)


async def test_a_forgotten_person_is_not_counted(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="cli")
        await unit.users.forget(ANNA)

        assert await unit.stats.community() == CommunityStats(0, 0, 0, [], 0, 0)
