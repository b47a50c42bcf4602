"""A shadow model's answers beside the champion's."""

from db_samples import ANNA, BEN, claimed, predicted, prediction

from core.claim import Decision, Verdict
from db.database import Database
from db.learning.learning_records import NewShadowScore, ShadowAgreement


async def test_agreement_says_how_often_both_said_the_same_and_who_was_right(database: Database) -> None:
    async with database.unit() as unit:
        same = await predicted(unit)
        other = await predicted(unit)
        both_no_dog = await predicted(unit, answer=prediction("not_a_dog"))
        candidate_right = await claimed(unit)
        champion_right = await claimed(unit, Verdict.CONFIRM)
        rejected = await claimed(unit)
        for claim, decision in [
            (candidate_right, Decision.ACCEPTED),
            (champion_right, Decision.ACCEPTED),
            (rejected, Decision.REJECTED),
        ]:
            await unit.reviews.decide(claim.id, decision, reviewer="cli")
        answers = [
            (same.id, "afghan_hound"),
            (other.id, "saluki"),
            (both_no_dog.id, None),
            (candidate_right.prediction_id, "saluki"),
            (champion_right.prediction_id, "saluki"),
            (rejected.prediction_id, "saluki"),
        ]
        await unit.shadow.add([NewShadowScore(about, "head-2", breed, 0.7) for about, breed in answers])
        await unit.shadow.add([NewShadowScore(same.id, "head-3", "pug", 0.7)])

        assert await unit.shadow.agreement("head-2") == ShadowAgreement(
            photos=6, same_answer=2, judged=2, candidate_right=1, champion_right=1
        )
        assert await unit.shadow.agreement("head-4") == ShadowAgreement(0, 0, 0, 0, 0)


async def test_a_new_trial_of_a_model_begins_without_photos(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)
        await unit.shadow.add([NewShadowScore(about.id, model, "pug", 0.7) for model in ("head-2", "head-3")])
        await unit.shadow.start_over("head-2")

        assert [(await unit.shadow.agreement(model)).photos for model in ("head-2", "head-3")] == [0, 1]


async def test_a_photo_is_scored_once_and_a_forgotten_one_not_at_all(database: Database) -> None:
    async with database.unit() as unit:
        annas, bens = await predicted(unit), await predicted(unit, user_id=BEN)
        scores = [NewShadowScore(about.id, "head-2", "pug", 0.7) for about in (annas, bens)]
        added = [await unit.shadow.add(scores), await unit.shadow.add(scores), await unit.shadow.add([])]
        await unit.users.forget(ANNA)
        added_after = await unit.shadow.add([NewShadowScore(annas.id, "head-3", "pug", 0.7)])
        left = await unit.shadow.agreement("head-2")

    assert added == [2, 0, 0]
    assert added_after == 0
    assert left.photos == 1
