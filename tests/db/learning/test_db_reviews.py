"""Decisions: one stands at a time, about claims that count, and what they add up to follows them."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

import pytest
from db_clock import StoppedClock
from db_samples import ANNA, BEN, claimed, predicted, prediction, said

from core.claim import Decision, Verdict
from db.chat.chat_records import FeedbackRecord, ReviewRecord
from db.database import Database
from db.errors import AlreadyDecided, BreedNeeded, RowMissing
from db.learning.claim_status import GATE
from db.learning.learning_records import ReviewCounts
from db.tables import accepted_claims, accepted_counts, contributors, review_queue
from db.unit import Unit

EVA, IDA = "moderator:1", "moderator:2"


async def accepted(unit: Unit) -> list[int]:
    return [claim.event_id for claim in await unit.feedback.accepted()]


async def counts(unit: Unit) -> dict[str, int]:
    return dict(await unit.stats.breeds())


async def test_a_decision_that_stands_is_told_to_whoever_decides_next(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        first = await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        with pytest.raises(AlreadyDecided, match=rf"claim {claim.id} was accepted by {EVA}") as told:
            await unit.reviews.decide(claim.id, Decision.REJECTED, reviewer=IDA)

        assert told.value.standing == first
        assert await unit.reviews.count() == 1
        assert await accepted(unit) == [claim.id]


async def test_of_many_who_decide_at_once_one_does_and_the_others_are_told(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)

    async def decide(number: int) -> ReviewRecord | AlreadyDecided:
        try:
            async with database.unit() as unit:
                decision = Decision.ACCEPTED if number % 2 else Decision.REJECTED
                return await unit.reviews.decide(claim.id, decision, reviewer=f"moderator:{number}")
        except AlreadyDecided as told:
            return told

    outcomes = await asyncio.gather(*(decide(number) for number in range(10)))

    [made] = [outcome for outcome in outcomes if isinstance(outcome, ReviewRecord)]
    assert {told.standing.id for told in outcomes if isinstance(told, AlreadyDecided)} == {made.id}
    async with database.unit() as unit:
        assert await unit.reviews.count() == 1


async def test_a_claim_that_is_replaced_while_it_is_decided_is_either_or(database: Database) -> None:
    async with database.unit() as unit:
        claims = [await claimed(unit) for _ in range(10)]

    async def decide(claim: FeedbackRecord) -> bool:
        try:
            async with database.unit() as unit:
                await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        except RowMissing:
            return False
        return True

    async def replace(claim: FeedbackRecord) -> None:
        async with database.unit() as unit:
            await said(unit, claim.prediction_id, Verdict.WITHDRAWN)

    await asyncio.gather(*(step(claim) for claim in claims for step in (decide, replace)))

    async with database.unit() as unit:
        assert await accepted(unit) == []
        assert await counts(unit) == {}
        assert await unit.review_queue.count() == 0


async def test_an_accepted_claim_that_is_replaced_no_longer_counts(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        before = await accepted(unit), await counts(unit), await unit.retrains.accepted_since(None)
        await said(unit, claim.prediction_id, Verdict.CORRECT, breed="pug")

        assert before == ([claim.id], {"saluki": 1}, 1)
        assert (await accepted(unit), await counts(unit), await unit.retrains.accepted_since(None)) == ([], {}, 0)


@pytest.mark.parametrize("verdict", [Verdict.WITHDRAWN, Verdict.CONFIRM])
async def test_a_claim_that_was_replaced_cannot_be_decided_any_more(database: Database, verdict: Verdict) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        last = await said(unit, claim.prediction_id, verdict)
        with pytest.raises(RowMissing, match=f"claim {claim.id} no longer counts"):
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        if verdict is Verdict.WITHDRAWN:
            with pytest.raises(RowMissing, match=f"claim {last.id} no longer counts"):
                await unit.reviews.decide(last.id, Decision.ACCEPTED, reviewer=EVA)

        assert await unit.reviews.count() == 0


async def test_a_claim_that_was_forgotten_cannot_be_decided_any_more(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        await unit.users.forget(ANNA)
        for decide in (
            unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA),
            unit.reviews.add(feedback_event_id=claim.id, decision=Decision.ACCEPTED, reviewer=EVA),
        ):
            with pytest.raises(RowMissing, match=f"claim {claim.id} is not in the database"):
                await decide


async def test_what_is_reopened_can_be_decided_otherwise_and_all_of_it_stays(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        undone = await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer=EVA)
        waiting = await accepted(unit), await counts(unit), await unit.reviews.latest(claim.id)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=IDA, breed="borzoi")

        assert waiting == ([], {}, undone)
        assert await counts(unit) == {"borzoi": 1}
        decisions = [review.decision for review in await unit.reviews.recent()]
        assert decisions == [Decision.ACCEPTED, Decision.REOPENED, Decision.ACCEPTED]


async def test_what_nobody_decided_cannot_be_reopened_nor_twice(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        with pytest.raises(RowMissing, match="no decision to take back"):
            await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer=EVA)
        await unit.reviews.decide(claim.id, Decision.REJECTED, reviewer=EVA)
        await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer=EVA)
        with pytest.raises(RowMissing, match="no decision to take back"):
            await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer=EVA)


@pytest.mark.parametrize("verdict", [Verdict.OTHER, Verdict.DONT_KNOW])
async def test_a_claim_that_names_no_breed_is_accepted_only_with_one(database: Database, verdict: Verdict) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit, verdict)
        with pytest.raises(BreedNeeded, match="names no breed"):
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA, breed="basenji")

        assert await counts(unit) == {"basenji": 1}


@pytest.mark.parametrize(
    ("verdict", "kind", "reviewed", "label", "corrections"),
    [
        (Verdict.CONFIRM, "breed", None, "afghan_hound", 0),
        (Verdict.CONFIRM, "not_a_dog", None, "not_a_dog", 0),
        (Verdict.CONFIRM, "breed", "saluki", "saluki", 1),
        (Verdict.CORRECT, "breed", None, "saluki", 1),
        (Verdict.CORRECT, "breed", "borzoi", "borzoi", 1),
        (Verdict.NOT_A_DOG, "breed", None, "not_a_dog", 1),
        (Verdict.OTHER, "breed", "basenji", "basenji", 1),
    ],
)
async def test_an_accepted_claim_counts_for_what_it_teaches(
    database: Database, verdict: Verdict, kind: str, reviewed: str | None, label: str, corrections: int
) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit, verdict, answer=prediction(kind))
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA, breed=reviewed)

        assert await counts(unit) == {label: 1}
        assert await unit.retrains.accepted_since(None) == corrections


async def test_only_what_was_accepted_later_is_newly_accepted(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        claims = [await claimed(unit) for _ in range(3)]
        await unit.reviews.decide(claims[0].id, Decision.ACCEPTED, reviewer=EVA)
        since = clock.now
        clock.forward(seconds=1)
        for claim in claims[1:]:
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        newly = [await unit.retrains.accepted_since(when) for when in (None, since, clock.now)]

    assert newly == [3, 2, 0]


async def test_decisions_are_listed_newest_first_of_all_or_of_one_reviewer(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        made = []
        for reviewer in (EVA, IDA, EVA):
            made.append(
                await unit.reviews.decide(
                    (await claimed(unit)).id, Decision.REJECTED, reviewer=reviewer, reason="blurred"
                )
            )
            clock.forward(seconds=1)

        assert await unit.reviews.recent() == made[::-1]
        assert await unit.reviews.recent(EVA) == [made[2], made[0]]
        assert await unit.reviews.recent(EVA, limit=1) == [made[2]]
        assert await unit.reviews.recent("moderator:3") == []


async def test_how_a_persons_claims_fared_is_known_even_when_they_were_taken_back(database: Database) -> None:
    async with database.unit() as unit:
        for user_id, decision, reviewer in [
            (ANNA, Decision.ACCEPTED, EVA),
            (ANNA, Decision.ACCEPTED, "cli"),
            (ANNA, Decision.REJECTED, EVA),
            (ANNA, Decision.ACCEPTED, "policy"),
            (BEN, Decision.REJECTED, "policy"),
        ]:
            claim = await claimed(unit, user_id=user_id)
            await unit.reviews.decide(claim.id, decision, reviewer=reviewer)
        await said(unit, claim.prediction_id, Verdict.WITHDRAWN, user_id=BEN)
        undone = await claimed(unit, user_id=ANNA)
        await unit.reviews.decide(undone.id, Decision.REJECTED, reviewer=EVA)
        await unit.reviews.decide(undone.id, Decision.REOPENED, reviewer=EVA)

        assert await unit.reviews.by_user(ANNA) == ReviewCounts(ANNA, accepted=2, rejected=1, policy_accepted=1)
        assert await unit.reviews.by_users([BEN, 3]) == {BEN: ReviewCounts(BEN, policy_rejected=1), 3: ReviewCounts(3)}


@pytest.mark.parametrize(
    ("verdict", "chosen", "counts"),
    [
        (Verdict.CORRECT, "pug", ReviewCounts(ANNA, rejected=1)),
        (Verdict.CORRECT, "saluki", ReviewCounts(ANNA, accepted=1)),
        (Verdict.NOT_A_DOG, "pug", ReviewCounts(ANNA, rejected=1)),
        (Verdict.CONFIRM, "pug", ReviewCounts(ANNA, rejected=1)),
        (Verdict.OTHER, "pug", ReviewCounts(ANNA, accepted=1)),
        (Verdict.DONT_KNOW, "pug", ReviewCounts(ANNA)),
    ],
)
async def test_a_claim_that_a_person_put_right_was_wrong(
    database: Database, verdict: Verdict, chosen: str, counts: ReviewCounts
) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit, verdict)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA, breed=chosen)
        fared = await unit.reviews.by_user(ANNA)
        await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer=EVA)

        assert fared == counts
        assert await unit.reviews.by_user(ANNA) == ReviewCounts(ANNA)


async def test_what_a_reviewer_accepted_is_tallied_by_person_and_label(database: Database, clock: StoppedClock) -> None:
    async def decided(user_id: int, decision: Decision, breed: str | None = None, reviewer: str = "policy") -> int:
        claim = await claimed(unit, user_id=user_id)
        await unit.reviews.decide(claim.id, decision, reviewer=reviewer, breed=breed)
        return claim.prediction_id

    async with database.unit() as unit:
        await decided(ANNA, Decision.ACCEPTED)
        since = clock.forward(days=1)
        for _ in range(2):
            await decided(ANNA, Decision.ACCEPTED)
        await decided(ANNA, Decision.ACCEPTED, breed="borzoi")
        await decided(ANNA, Decision.ACCEPTED, reviewer=EVA)
        await decided(BEN, Decision.REJECTED)
        taken_back = await decided(BEN, Decision.ACCEPTED)
        await said(unit, taken_back, Verdict.WITHDRAWN, user_id=BEN)
        tallies = await unit.reviews.accepted_by("policy", since)

    assert Counter((one.user_id, one.breed) for one in tallies for _ in range(one.accepted)) == {
        (ANNA, "saluki"): 2,
        (ANNA, "borzoi"): 1,
    }
    assert sum(one.corrections for one in tallies) == 3


async def test_a_forgotten_persons_claims_leave_the_counts(database: Database) -> None:
    async with database.unit() as unit:
        for user_id in (ANNA, ANNA, BEN):
            claim = await claimed(unit, user_id=user_id)
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        await unit.users.forget(ANNA)

        assert await counts(unit) == {"saluki": 1}
        assert await unit.retrains.accepted_since(None) == 1


async def test_a_person_who_is_forgotten_while_their_claims_are_decided_leaves_no_count(database: Database) -> None:
    async with database.unit() as unit:
        claims = [await claimed(unit) for _ in range(10)]
        await unit.reviews.decide((await claimed(unit, user_id=BEN)).id, Decision.ACCEPTED, reviewer=EVA)

    async def decide(claim: FeedbackRecord) -> None:
        with suppress(RowMissing):
            async with database.unit() as unit:
                await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)

    async def forget() -> None:
        async with database.unit() as unit:
            await unit.users.forget(ANNA)

    await asyncio.gather(*(decide(claim) for claim in claims[:5]), forget(), *(decide(claim) for claim in claims[5:]))

    async with database.unit() as unit:
        assert await counts(unit) == {"saluki": 1}
        assert await unit.reviews.by_user(ANNA) == ReviewCounts(ANNA)
        assert await unit.review_queue.count() == 0


async def test_a_forgotten_moderators_decisions_stay_without_the_name(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit, user_id=BEN)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=f"moderator:{ANNA}")
        await unit.users.forget(ANNA)
        [review] = await unit.reviews.recent()

        assert review.reviewer == "moderator:forgotten"
        assert await accepted(unit) == [claim.id]


@pytest.mark.slow
async def test_whatever_happens_in_whatever_order_the_kept_tables_say_what_history_says(database: Database) -> None:
    chance = random.Random(4)
    async with database.unit() as unit:
        answers = [
            (await predicted(unit, user_id=user_id, answer=prediction(kind))).id
            for user_id in (ANNA, BEN)
            for kind in ("breed", "not_a_dog", "unsure")
        ]
        owner = dict(zip(answers, [ANNA] * 3 + [BEN] * 3, strict=True))
        for turn in range(250):
            answer = chance.choice(answers)
            await _something_happens(unit, chance, answer, owner[answer])
            if turn % 10 == 0:
                assert await _kept(unit) == await _from_history(unit, owner)
        await unit.users.forget(ANNA)
        left = {answer: user_id for answer, user_id in owner.items() if user_id != ANNA}
        assert await _kept(unit) == await _from_history(unit, left)


async def _something_happens(unit: Unit, chance: random.Random, answer: int, user_id: int) -> None:
    if chance.random() < 0.5:
        verdict = chance.choice(list(Verdict))
        claimed_breed = chance.choice(["saluki", "pug"]) if verdict is Verdict.CORRECT else None
        await said(unit, answer, verdict, user_id=user_id, breed=claimed_breed)
        return
    claims = await unit.feedback.list(prediction_id=answer)
    if not claims:
        return
    claim = chance.choice(claims[-2:])
    decision, reviewer = chance.choice(list(Decision)), chance.choice([EVA, "policy", GATE])
    breed = chance.choice([None, "pug"])
    try:
        if chance.random() < 0.3:
            await unit.reviews.add(feedback_event_id=claim.id, decision=decision, reviewer=reviewer, breed=breed)
        else:
            await unit.reviews.decide(claim.id, decision, reviewer=reviewer, breed=breed)
    except (AlreadyDecided, BreedNeeded, RowMissing):
        pass


async def _kept(unit: Unit) -> tuple[object, ...]:
    waits = (await unit.connection.execute(review_queue.select())).all()
    stands = (await unit.connection.execute(accepted_claims.select())).all()
    labels = (await unit.connection.execute(accepted_counts.select())).all()
    people = (await unit.connection.execute(contributors.select())).all()
    return (
        {row.feedback_event_id for row in waits},
        {row.feedback_event_id: (row.review_id, row.breed, row.correction) for row in stands},
        {row.breed: row.accepted for row in labels if row.accepted},
        {row.user_id: row[1:] for row in people if any(row[1:])},
    )


async def _from_history(unit: Unit, owner: dict[int, int]) -> tuple[object, ...]:
    """The same, worked out from all claims and decisions."""
    waits, stands = set(), {}
    tallies: dict[int, Counter[str]] = {user_id: Counter() for user_id in owner.values()}
    for answer, user_id in owner.items():
        about = await unit.predictions.get(answer)
        assert about is not None
        guess = "not_a_dog" if about.kind == "not_a_dog" else about.top[0].breed
        claims = await unit.feedback.list(prediction_id=answer)
        for claim in claims:
            review = await unit.reviews.latest(claim.id)
            decision = review.decision if review is not None else Decision.REOPENED
            if claim.verdict is Verdict.DONT_KNOW:
                pass
            elif review is not None and decision is Decision.SET_ASIDE:
                tallies[user_id][decision] += review.reviewer == GATE
            elif review is not None and decision is not Decision.REOPENED:
                said = {Verdict.CONFIRM: guess, Verdict.CORRECT: claim.breed, Verdict.NOT_A_DOG: "not_a_dog"}
                meant = said.get(claim.verdict, review.breed)
                fared = Decision.REJECTED if review.breed not in {None, meant} else decision
                tallies[user_id][("policy_" if review.reviewer == "policy" else "") + fared] += 1
            if claim is not claims[-1]:
                continue
            corrects = claim.verdict in {Verdict.CORRECT, Verdict.NOT_A_DOG, Verdict.OTHER}
            tallies[user_id]["corrections"] += corrects
            if decision is Decision.REOPENED and (corrects or claim.verdict is Verdict.CONFIRM):
                waits.add(claim.id)
            if review is not None and decision is Decision.ACCEPTED and claim.verdict is not Verdict.WITHDRAWN:
                own = {Verdict.CONFIRM: guess, Verdict.CORRECT: claim.breed, Verdict.NOT_A_DOG: "not_a_dog"}
                label = review.breed or own.get(claim.verdict)
                stands[claim.id] = review.id, label, claim.verdict is not Verdict.CONFIRM or label != guess
    names = [column.name for column in contributors.c][1:]
    people = {user_id: tuple(tally[name] for name in names) for user_id, tally in tallies.items()}
    return (
        waits,
        stands,
        _counted(label for _, label, _ in stands.values()),
        {k: v for k, v in people.items() if any(v)},
    )


def _counted(labels: Iterable[str | None]) -> dict[str, int]:
    return dict(Counter(label for label in labels if label is not None))


async def test_a_later_time_is_not_needed_to_be_accepted_again(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer=EVA)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)

        assert await unit.retrains.accepted_since(clock.now - timedelta(seconds=1)) == 1
        assert await accepted(unit) == [claim.id]
