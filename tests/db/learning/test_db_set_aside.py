"""What is set aside teaches nothing, waits for nobody, and comes back as it was."""

from db_samples import ANNA, BEN, PHOTO, claimed, predicted

from core.claim import Decision, Verdict
from db.database import Database
from db.learning.claim_status import GATE
from db.learning.learning_records import ReviewCounts

EVA = "moderator:1"


async def test_what_is_set_aside_neither_teaches_nor_waits_and_comes_back_as_it_was(database: Database) -> None:
    async with database.unit() as unit:
        accepted, waiting = await claimed(unit), await claimed(unit)
        await unit.reviews.decide(accepted.id, Decision.ACCEPTED, reviewer="policy", breed="pug")

        aside = await unit.reviews.set_aside([accepted.id, waiting.id, 99], reviewer=GATE, reason="worse for it")

        assert aside == [accepted.id]
        assert await unit.feedback.accepted() == []
        assert [item.event_id for item in await unit.review_queue.next(9)] == [waiting.id]
        assert dict(await unit.stats.breeds()).get("pug", 0) == 0

        assert await unit.reviews.restore([accepted.id, waiting.id], reviewer=EVA) == [accepted.id]
        [back] = await unit.feedback.accepted()
        assert (back.reviewed_breed, back.reviewer, back.restored) == ("pug", EVA, True)


async def test_what_the_gate_sets_aside_counts_against_its_person_and_a_roll_back_does_not(database: Database) -> None:
    async with database.unit() as unit:
        for user, reviewer in ((ANNA, GATE), (BEN, EVA)):
            claim = await claimed(unit, user_id=user)
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="policy")
            await unit.reviews.set_aside([claim.id], reviewer=reviewer, reason="")

        assert await unit.reviews.by_user(ANNA) == ReviewCounts(ANNA, set_aside=1)
        assert await unit.reviews.by_user(BEN) == ReviewCounts(BEN)


async def test_a_claim_set_aside_can_be_reopened_and_decided(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit, Verdict.CONFIRM)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="policy")
        await unit.reviews.set_aside([claim.id], reviewer=GATE, reason="")
        await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer=EVA)

        assert [item.event_id for item in await unit.review_queue.next(9)] == [claim.id]


async def test_fingerprints_go_with_their_photo(database: Database) -> None:
    async with database.unit() as unit:
        await predicted(unit)
        await unit.photos.add_sketches({PHOTO: b"x" * 1024, "f" * 64: b"gone"})
        assert await unit.photos.sketches([PHOTO, "f" * 64]) == {PHOTO: b"x" * 1024}
    async with database.unit() as unit:
        await unit.users.forget(ANNA)

        assert await unit.photos.sketches([PHOTO]) == {}
