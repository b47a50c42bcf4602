"""Claims and decisions are only ever added; the last one counts."""

import asyncio
import inspect
from typing import Any

import pytest
from db_samples import ANNA, BEN, PHOTO, TOP, predicted

from core.claim import Decision, Verdict
from core.prediction import Kind
from db.database import Database
from db.errors import RowMissing
from db.learning.feedback import Feedback


async def test_the_last_claim_counts_and_the_others_stay(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)
        said = [
            await unit.feedback.append(prediction_id=about.id, user_id=ANNA, verdict=verdict, breed=breed)
            for verdict, breed in [(Verdict.CONFIRM, None), (Verdict.CORRECT, "pug"), (Verdict.WITHDRAWN, None)]
        ]

        assert await unit.feedback.latest(about.id) == said[-1]
        assert await unit.feedback.list(prediction_id=about.id) == said
        assert await unit.feedback.get(said[1].id) == said[1]
        assert await unit.feedback.count() == 3


async def test_saying_the_same_twice_is_saying_it_once(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)
        claim: dict[str, Any] = {"prediction_id": about.id, "user_id": ANNA}
        pug = await unit.feedback.append(**claim, verdict=Verdict.CORRECT, breed="pug")
        pug_again = await unit.feedback.append(**claim, verdict=Verdict.CORRECT, breed="pug")
        collie = await unit.feedback.append(**claim, verdict=Verdict.CORRECT, breed="collie")
        pug_after_all = await unit.feedback.append(**claim, verdict=Verdict.CORRECT, breed="pug")

    assert pug == pug_again
    assert len({pug.id, collie.id, pug_after_all.id}) == 3


async def test_the_same_tap_many_times_at_once_is_one_claim(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)

    async def tap() -> int:
        async with database.unit() as unit:
            claim = await unit.feedback.append(prediction_id=about.id, user_id=ANNA, verdict=Verdict.CONFIRM)
        return claim.id

    ids = await asyncio.gather(*(tap() for _ in range(20)))

    assert len(set(ids)) == 1


@pytest.mark.parametrize(("verdict", "breed"), [(Verdict.CORRECT, None), (Verdict.CONFIRM, "pug")])
async def test_a_breed_belongs_to_a_correction_and_only_to_it(
    database: Database, verdict: Verdict, breed: str | None
) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)
        with pytest.raises(ValueError, match=verdict):
            await unit.feedback.append(prediction_id=about.id, user_id=ANNA, verdict=verdict, breed=breed)


async def test_a_breed_that_the_catalogue_lacks_is_claimed_by_its_name(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)
        claim: dict[str, Any] = {"prediction_id": about.id, "user_id": ANNA, "verdict": Verdict.OTHER}
        first = await unit.feedback.append(**claim, suggestion="Thai Bangkaew")
        again = await unit.feedback.append(**claim, suggestion="Thai Bangkaew")
        corrected = await unit.feedback.append(**claim, suggestion="Thai Ridgeback")

    assert first == again
    assert first.id != corrected.id
    assert (corrected.verdict, corrected.breed, corrected.suggestion) == (Verdict.OTHER, None, "Thai Ridgeback")


@pytest.mark.parametrize(
    ("verdict", "suggestion"),
    [(Verdict.OTHER, None), (Verdict.OTHER, ""), (Verdict.OTHER, "é" * 61), (Verdict.CONFIRM, "Thai Bangkaew")],
)
async def test_a_suggestion_belongs_to_another_breed_and_is_short(
    database: Database, verdict: Verdict, suggestion: str | None
) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)
        with pytest.raises(ValueError, match="suggestion"):
            await unit.feedback.append(prediction_id=about.id, user_id=ANNA, verdict=verdict, suggestion=suggestion)

        assert await unit.feedback.count() == 0


async def test_feedback_on_a_forgotten_prediction_is_refused(database: Database) -> None:
    async with database.unit() as unit:
        with pytest.raises(RowMissing, match="prediction 99"):
            await unit.feedback.append(prediction_id=99, user_id=ANNA, verdict=Verdict.CONFIRM)


async def test_claims_are_listed_by_person_and_in_pages(database: Database) -> None:
    async with database.unit() as unit:
        for user_id in (ANNA, BEN, ANNA):
            about = await predicted(unit, user_id=user_id)
            await unit.feedback.append(prediction_id=about.id, user_id=user_id, verdict=Verdict.CONFIRM)
        first = await unit.feedback.list(limit=1)
        rest = await unit.feedback.list(after_id=first[-1].id)
        annas = await unit.feedback.list(user_id=ANNA)
        latest_of_ben = await unit.feedback.latest(about.id, user_id=BEN)

    assert [claim.user_id for claim in first + rest] == [ANNA, BEN, ANNA]
    assert [claim.user_id for claim in annas] == [ANNA, ANNA]
    assert latest_of_ben is None


def test_feedback_offers_no_way_to_change_or_delete() -> None:
    public = {name for name, _ in inspect.getmembers(Feedback, inspect.isfunction) if not name.startswith("_")}

    assert public == {"append", "get", "latest", "accepted", "list", "count", "kept_photo"}


async def test_the_last_decision_counts(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)
        claim = await unit.feedback.append(prediction_id=about.id, user_id=ANNA, verdict=Verdict.CONFIRM)
        before = await unit.reviews.latest(claim.id)
        await unit.reviews.add(feedback_event_id=claim.id, decision=Decision.ACCEPTED, reviewer="policy")
        overruled = await unit.reviews.add(
            feedback_event_id=claim.id, decision=Decision.REJECTED, reviewer="eva", breed="pug", reason="a pug"
        )

        assert before is None
        assert await unit.reviews.latest(claim.id) == overruled
        assert await unit.reviews.count() == 2


async def test_an_accepted_claim_comes_with_what_it_is_about(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)
        claim = await unit.feedback.append(
            prediction_id=about.id, user_id=ANNA, verdict=Verdict.CORRECT, breed="saluki"
        )
        await unit.reviews.add(feedback_event_id=claim.id, decision=Decision.ACCEPTED, reviewer="eva", breed="borzoi")
        (found,) = await unit.feedback.accepted()

    assert (found.event_id, found.prediction_id, found.user_id) == (claim.id, about.id, ANNA)
    assert (found.verdict, found.claimed_breed, found.reviewed_breed) == (Verdict.CORRECT, "saluki", "borzoi")
    assert (found.kind, found.top, found.photo_sha256) == (Kind.BREED, TOP, PHOTO)
    assert (found.reviewer, found.backbone_id, found.features) == ("eva", about.backbone_id, about.features)


async def test_only_the_last_word_counts_and_only_if_its_last_review_accepts_it(database: Database) -> None:
    async def said(user_id: int, *decisions: Decision, prediction_id: int | None = None) -> int:
        about = prediction_id or (await predicted(unit, user_id=user_id)).id
        verdict = Verdict.CONFIRM if prediction_id is None else Verdict.WITHDRAWN
        claim = await unit.feedback.append(prediction_id=about, user_id=user_id, verdict=verdict)
        for decision in decisions:
            await unit.reviews.add(feedback_event_id=claim.id, decision=decision, reviewer="eva")
        return claim.id

    async with database.unit() as unit:
        accepted = await said(ANNA, Decision.ACCEPTED)
        await said(BEN)
        await said(BEN, Decision.REJECTED)
        await said(BEN, Decision.ACCEPTED, Decision.REJECTED)
        accepted_late = await said(BEN, Decision.REJECTED, Decision.ACCEPTED)
        taken_back = await unit.feedback.get(await said(BEN, Decision.ACCEPTED))
        assert taken_back is not None
        await said(BEN, prediction_id=taken_back.prediction_id)

        everything = await unit.feedback.accepted()
        pages = [await unit.feedback.accepted(limit=1, after_id=after) for after in (0, accepted, accepted_late)]

    assert [claim.event_id for claim in everything] == [accepted, accepted_late]
    assert [[claim.event_id for claim in page] for page in pages] == [[accepted], [accepted_late], []]
