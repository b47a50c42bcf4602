"""Decisions are found by who decided, what, when, about which breed and whose claim; on both databases."""

from dataclasses import replace
from datetime import timedelta

from db_samples import ANNA, BEN, claimed

from core.breeds.catalogue import NOT_A_DOG
from core.claim import Decision, Verdict
from db.chat.chat_records import Consent
from db.database import Database
from db.learning.decisions import By, DecisionFilter

EVA = "moderator:77"
EVERY = DecisionFilter()


async def found(database: Database, wanted: DecisionFilter) -> list[int]:
    """Claims, by the newest decision about them."""
    async with database.unit(read_only=True) as unit:
        page = await unit.decisions.page(wanted, 10)
        assert await unit.decisions.count(wanted) == len(page)
        assert sorted({one.event_id for one in page}) == list(await unit.decisions.claims(wanted))
    return [one.event_id for one in page]


async def test_decisions_are_found(database: Database) -> None:
    async with database.unit() as unit:
        pug = await claimed(unit, Verdict.CORRECT, breed="pug")
        agreed = await claimed(unit, Verdict.CONFIRM, user_id=BEN)
        no_dog = await claimed(unit, Verdict.NOT_A_DOG, user_id=BEN)
        await unit.reviews.decide(pug.id, Decision.ACCEPTED, reviewer=EVA, breed="boxer")
        await unit.reviews.decide(agreed.id, Decision.ACCEPTED, reviewer="policy", reason="belief 0.9")
        await unit.reviews.decide(no_dog.id, Decision.REJECTED, reviewer="cli")
        answer, review = await unit.predictions.get(agreed.prediction_id), await unit.reviews.latest(agreed.id)
    assert answer is not None
    assert review is not None
    wanted = {
        DecisionFilter(by=By.PEOPLE): [no_dog.id, pug.id],
        DecisionFilter(by=By.MODERATORS): [pug.id],
        DecisionFilter(by=By.MACHINES): [agreed.id],
        DecisionFilter(reviewer=EVA): [pug.id],
        DecisionFilter(decision=Decision.REJECTED): [no_dog.id],
        DecisionFilter(label="boxer"): [pug.id],
        DecisionFilter(label="pug"): [pug.id],
        DecisionFilter(label=answer.top[0].breed): [agreed.id],
        DecisionFilter(label=NOT_A_DOG): [no_dog.id],
        DecisionFilter(answered=answer.top[0].breed): [no_dog.id, agreed.id, pug.id],
        DecisionFilter(answered="borzoi"): [],
        DecisionFilter(model_id=answer.model_id): [no_dog.id, agreed.id, pug.id],
        DecisionFilter(model_id="another"): [],
        DecisionFilter(user_id=ANNA): [pug.id],
        DecisionFilter(event_id=agreed.id): [agreed.id],
        DecisionFilter(since=review.created_at + timedelta(days=1)): [],
        DecisionFilter(until=review.created_at - timedelta(days=1)): [],
        EVERY: [no_dog.id, agreed.id, pug.id],
    }

    for one, claims in wanted.items():
        assert await found(database, one) == claims, one


async def test_what_was_decided_anew_does_not_stand_and_pages_go_on(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        for decision in (Decision.ACCEPTED, Decision.REOPENED, Decision.REJECTED):
            await unit.reviews.decide(claim.id, decision, reviewer=EVA)
        first = await unit.decisions.page(EVERY, 2)
        rest = await unit.decisions.page(EVERY, 2, before_id=first[-1].place)

        assert [one.stands for one in (*first, *rest)] == [True, False, False]
        assert await unit.decisions.count(replace(EVERY, standing=True)) == 1


async def test_what_was_said_is_each_one_s_last_word_decided_or_not(database: Database) -> None:
    async with database.unit() as unit:
        before, decided, waiting = [await claimed(unit, breed="pug") for _ in range(3)]
        await claimed(unit, Verdict.DONT_KNOW)
        for decision in (Decision.ACCEPTED, Decision.REOPENED, Decision.REJECTED):
            await unit.reviews.decide(decided.id, decision, reviewer=EVA)
        last = await unit.feedback.append(
            prediction_id=waiting.prediction_id, user_id=waiting.user_id, verdict=Verdict.CONFIRM
        )
        wanted = DecisionFilter(said_from=before.id + 1)
        found = await unit.decisions.page(wanted, 10)

        assert [(one.event_id, one.decision) for one in found] == [(last.id, None), (decided.id, Decision.REJECTED)]
        assert await unit.decisions.page(wanted, 10, before_id=found[0].place) == found[1:]
        assert await unit.decisions.count(wanted) == 2
        assert await unit.decisions.claims(wanted) == [decided.id], "nobody takes back what was never decided"


async def test_whoever_takes_consent_back_is_in_no_list(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        await unit.consents.set(ANNA, Consent.NO)

        assert await unit.decisions.page(EVERY, 10) == []
        assert await unit.decisions.claims(EVERY) == []


async def test_whose_claims_made_a_model_is_counted_by_who_accepted_them(database: Database) -> None:
    async with database.unit() as unit:
        claims = [await claimed(unit, user_id=person) for person in (ANNA, BEN, BEN)]
        for claim, reviewer in zip(claims, (EVA, EVA, "policy"), strict=True):
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=reviewer)
        await unit.evidence.add("head-2", [one.id for one in claims])

        teachers = await unit.teachers.of("head-2")
        assert [(one.user_id, one.claims, one.by_rule) for one in teachers] == [(BEN, 2, 1), (ANNA, 1, 0)]
        assert await unit.teachers.of("head-1") == []
