"""The trust policy on a real database: what it accepts, what it leaves alone, and that people have the last word."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from learning_school import BACKBONE, BASE, School, digest, school
from numpy.typing import NDArray
from stored import predict

from core.claim import Decision, Verdict
from core.clock import utc_now
from db.chat.chat_records import Consent, NewPrediction
from training.learning.trust import apply
from training.learning.trust.apply import apply_trust
from training.learning.trust.champion_view import ChampionView
from training.learning.trust.outcome import TrustOutcome
from training.learning.trust.params import TrustParams

ANNA, BEN, CARL = 1, 2, 3


@pytest.fixture
async def loop(tmp_path: Path) -> AsyncIterator[School]:
    async with school(tmp_path) as made:
        yield made


def between(loop: School, one: str, other: str, share: float, count: int = 1) -> NDArray[np.float32]:
    """Photos that look a little more like one breed than like the other."""
    mixed = (1 - share) * loop.kennel.photos(one, 400).mean(axis=0) + share * loop.kennel.photos(other, 400).mean(
        axis=0
    )
    noise = np.random.default_rng(3).normal(0, 0.05, (count, len(mixed)))
    return np.asarray(np.maximum(mixed + noise, 0), np.float32)


async def says(loop: School, photo: NDArray[np.float32], user: int, breed: str | None, backbone: str = BACKBONE) -> int:
    """One answer and one claim about it; no breed: ✅."""
    (answer,) = loop.base.predictions(photo[None])
    name = digest(photo)
    async with loop.database.unit() as unit:
        await unit.users.seen(user, "en")
        await unit.consents.set(user, Consent.YES)
        await unit.photos.add(name, size_bytes=1, mime="image/jpeg", width=8, height=8)
        job = await unit.jobs.add(photo_sha256=name, user_id=user, chat_id=user, message_id=1)
        stored = photo.astype("<f2").tobytes()
        said = NewPrediction(answer.kind, answer.top, answer.not_a_dog, BASE, backbone, stored)
        prediction = await predict(unit, job.id, said)
        verdict = Verdict.CONFIRM if breed is None else Verdict.CORRECT
        claim = await unit.feedback.append(prediction_id=prediction.id, user_id=user, verdict=verdict, breed=breed)
    return claim.id


async def trusted(loop: School, *, dry_run: bool = False, params: TrustParams | None = None) -> TrustOutcome:
    return await apply_trust(loop.database, loop.store, params or TrustParams(), dry_run=dry_run)


def accepted(outcome: TrustOutcome) -> list[int]:
    return sorted(one.event_id for one in outcome.decisions if one.decision is not None)


async def test_what_is_plausible_is_accepted_and_explained_and_the_rest_waits(loop: School) -> None:
    plausible = await says(loop, between(loop, "pug", "borzoi", 0.492)[0], ANNA, "borzoi")
    absurd = await says(loop, loop.kennel.photos("pug", 1)[0], BEN, "borzoi")

    outcome = await trusted(loop)

    async with loop.database.unit(read_only=True) as unit:
        review = await unit.reviews.latest(plausible)
        waiting = [item.event_id for item in await unit.review_queue.next(10)]
    assert accepted(outcome) == [plausible], outcome.to_json()
    assert review is not None
    assert (review.decision, review.reviewer) == (Decision.ACCEPTED, "policy")
    assert review.reason is not None
    assert review.reason.startswith("accepted: borzoi is no. 2 of the champion's answers")
    assert waiting == [absurd]


async def test_a_dry_run_says_the_same_and_writes_nothing(loop: School) -> None:
    await says(loop, between(loop, "pug", "borzoi", 0.487)[0], ANNA, "borzoi")

    dry = await trusted(loop, dry_run=True)
    async with loop.database.unit(read_only=True) as unit:
        written = await unit.reviews.count()
    wet = await trusted(loop)

    assert written == 0
    assert dry.decisions == wet.decisions
    assert dry.summary == "would accept 1 of 1 claims; the others wait for a moderator"


async def test_switched_off_it_does_not_even_look(loop: School) -> None:
    await says(loop, between(loop, "pug", "borzoi", 0.487)[0], ANNA, "borzoi")

    outcome = await trusted(loop, params=TrustParams(enabled=False))

    assert outcome.decisions == ()
    assert "BREEDBOT_TRUST=off" in outcome.summary


async def test_what_a_moderator_took_back_the_policy_never_accepts_again(loop: School) -> None:
    event = await says(loop, between(loop, "pug", "borzoi", 0.487)[0], ANNA, "borzoi")
    await trusted(loop)
    async with loop.database.unit() as unit:
        await unit.reviews.decide(event, Decision.REOPENED, reviewer="moderator:7")

    outcome = await trusted(loop)

    (decision,) = outcome.decisions
    assert decision.decision is None
    assert decision.reason.startswith("waits, somebody took a decision about it back: borzoi is")


async def test_a_claim_that_is_replaced_while_the_policy_thinks_is_left_alone(
    loop: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await says(loop, between(loop, "pug", "borzoi", 0.487)[0], ANNA, "borzoi")

    async def replaced() -> None:
        async with loop.database.unit() as unit:
            claim = await unit.feedback.get(event)
            assert claim is not None
            await unit.feedback.append(
                prediction_id=claim.prediction_id, user_id=ANNA, verdict=Verdict.CORRECT, breed="beagle"
            )

    history = apply._history

    async def history_then_replaced(*args: object) -> object:
        found = await history(*args)  # type: ignore[arg-type]
        await replaced()
        return found

    monkeypatch.setattr(apply, "_history", history_then_replaced)
    outcome = await trusted(loop)

    async with loop.database.unit(read_only=True) as unit:
        assert await unit.reviews.count() == 0
    assert accepted(outcome) == []


async def test_reviews_by_people_make_somebody_known_whose_claims_are_then_believed(loop: School) -> None:
    photo = between(loop, "pug", "borzoi", 0.467)[0]
    doubtful = await says(loop, photo, ANNA, "borzoi")
    before = await trusted(loop)
    await loop.claims("saluki", loop.kennel.photos("saluki", 30, odd=True), [ANNA])

    after = await trusted(loop)

    assert accepted(before) == []
    assert accepted(after) == [doubtful], after.to_json()
    assert "30 claims of this person reviewed" in after.decisions[0].reason


async def test_features_of_another_backbone_are_not_looked_at_but_the_answer_given_then_is(loop: School) -> None:
    event = await says(loop, between(loop, "pug", "borzoi", 0.487)[0], ANNA, "borzoi", backbone="old-bones")

    outcome = await trusted(loop)

    assert accepted(outcome) == [event]


async def test_the_queue_is_read_in_pages(loop: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "PAGE", 2)
    photos = between(loop, "pug", "borzoi", 0.487, count=5)
    for row, photo in enumerate(photos):
        await says(loop, photo, 10 + row, "borzoi")

    outcome = await trusted(loop)

    assert len(outcome.decisions) == 5


async def test_a_suggestion_that_the_catalogue_lacks_is_for_people_only(loop: School) -> None:
    event = await says(loop, loop.kennel.photos("pug", 1)[0], ANNA, None)
    async with loop.database.unit() as unit:
        claim = await unit.feedback.get(event)
        assert claim is not None
        await unit.feedback.append(
            prediction_id=claim.prediction_id, user_id=ANNA, verdict=Verdict.OTHER, suggestion="moon hound"
        )

    outcome = await trusted(loop)

    assert outcome.decisions == ()


async def test_copies_of_a_photo_get_one_number_and_others_their_own(loop: School) -> None:
    photo, other = loop.kennel.photos("pug", 2)
    copy = photo * np.float32(1.01)
    for user, sent in ((ANNA, photo), (BEN, copy), (CARL, other)):
        await says(loop, sent, user, None)
    view = ChampionView(loop.base, {})
    async with loop.database.unit(read_only=True) as unit:
        items = await unit.review_queue.next(10)
        features = await unit.predictions.features(item.prediction_id for item in items)

    view.add(items, features)

    numbers = {claim.user_id: claim.photo for claim in view.claims()}
    assert numbers[ANNA] == numbers[BEN] != numbers[CARL]


async def test_a_claim_waits_until_somebody_could_have_looked_at_it(loop: School) -> None:
    event = await says(loop, between(loop, "pug", "borzoi", 0.492)[0], ANNA, "borzoi")
    params = TrustParams(wait=timedelta(hours=24))

    at_once = await trusted(loop, params=params)
    a_day_later = await apply_trust(loop.database, loop.store, params, clock=lambda: utc_now() + timedelta(hours=25))
    unasked = [one.reason for one in at_once.decisions]

    assert accepted(at_once) == []
    assert accepted(a_day_later) == [event], unasked
