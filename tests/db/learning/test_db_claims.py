"""Claims are listed beside their answers and decisions, for people and files."""

import db_samples as sample
from db_samples import ANNA, BEN

from core.claim import Decision, Verdict
from db.database import Database
from db.learning.claims import ClaimRecord, ClaimStatus


async def pages(database: Database, limit: int) -> list[int]:
    found: list[int] = []
    while True:
        async with database.unit(read_only=True) as unit:
            page = await unit.claims.page(after_id=found[-1] if found else 0, limit=limit)
        if not page:
            return found
        found += [claim.event_id for claim in page]


async def test_a_claim_stands_beside_its_answer_and_its_decision(database: Database) -> None:
    async with database.unit() as unit:
        claim = await sample.claimed(unit, breed="borzoi")
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="cli", breed="saluki", reason="long ears")

        [found] = await unit.claims.page()

    assert (found.event_id, found.verdict, found.claimed, found.answered) == (
        claim.id, Verdict.CORRECT, "borzoi", "afghan_hound",
    )  # fmt: skip
    assert (found.status, found.taught) == (ClaimStatus.ACCEPTED, "saluki")
    assert (found.reviewer, found.reason) == ("cli", "long ears")
    assert found.reviewed_at is not None


async def test_what_waits_is_in_the_queues_order_and_what_is_decided_newest_first(database: Database) -> None:
    async with database.unit() as unit:
        claims = [
            await sample.claimed(unit, verdict, user_id=ANNA + number)
            for number, verdict in enumerate((Verdict.CONFIRM, Verdict.OTHER, Verdict.CORRECT, Verdict.NOT_A_DOG))
        ]
        await unit.reviews.decide(claims[3].id, Decision.ACCEPTED, reviewer="cli")
        await unit.reviews.decide(claims[0].id, Decision.ACCEPTED, reviewer="cli")

        queue = [item.event_id for item in await unit.review_queue.next(limit=9)]
        waiting = await unit.claims.waiting(9)
        accepted = await unit.claims.decided(ClaimStatus.ACCEPTED, 9)
        rejected = await unit.claims.decided(ClaimStatus.REJECTED, 9)

    assert [claim.event_id for claim in waiting] == queue
    assert {claim.status for claim in waiting} == {ClaimStatus.WAITING}
    assert {claim.taught for claim in waiting} == {None}
    assert [(claim.event_id, claim.taught) for claim in accepted] == [
        (claims[0].id, "afghan_hound"),
        (claims[3].id, "not_a_dog"),
    ]
    assert rejected == []


async def test_the_last_decision_counts(database: Database) -> None:
    async with database.unit() as unit:
        claim = await sample.claimed(unit)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="cli")
        await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer="cli")
        reopened = [one.status for one in await unit.claims.page()]
        await unit.reviews.decide(claim.id, Decision.REJECTED, reviewer="cli", reason="a fox")

        accepted = await unit.claims.decided(ClaimStatus.ACCEPTED, 9)
        [rejected] = await unit.claims.decided(ClaimStatus.REJECTED, 9)

    assert reopened == [ClaimStatus.WAITING]
    assert accepted == []
    assert (rejected.event_id, rejected.reason) == (claim.id, "a fox")


async def test_what_no_longer_counts_is_left_out(database: Database) -> None:
    async with database.unit() as unit:
        answer = await sample.predicted(unit)
        replaced = await sample.said(unit, answer.id, Verdict.CORRECT)
        await unit.reviews.decide(replaced.id, Decision.REJECTED, reviewer="cli")
        counts = await sample.said(unit, answer.id, Verdict.NOT_A_DOG)
        await sample.claimed(unit, Verdict.DONT_KNOW, user_id=BEN)
        taken_back = await sample.claimed(unit, user_id=BEN)
        await sample.said(unit, taken_back.prediction_id, Verdict.WITHDRAWN, user_id=BEN)

        found = await unit.claims.page()
        rejected = await unit.claims.decided(ClaimStatus.REJECTED, 9)

    assert [claim.event_id for claim in found] == [counts.id]
    assert rejected == []


async def test_somebody_who_did_not_know_is_listed_once_a_reviewer_did(database: Database) -> None:
    async with database.unit() as unit:
        claim = await sample.claimed(unit, Verdict.DONT_KNOW)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="cli", breed="saluki")

        found: list[ClaimRecord] = list(await unit.claims.page())

    assert [(one.event_id, one.claimed, one.taught) for one in found] == [(claim.id, None, "saluki")]


async def test_pages_together_are_everything_in_order(database: Database) -> None:
    async with database.unit() as unit:
        ids = [(await sample.claimed(unit, user_id=ANNA + number)).id for number in range(7)]

    assert await pages(database, 3) == ids
