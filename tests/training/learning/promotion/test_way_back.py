"""Taking a model back: what taught it may be set aside, and a model of somebody forgotten never answers again."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from learning_samples import SHIPPED_MODEL, School, add_candidate, school_in

from core.claim import Decision
from db.learning.learning_records import RetrainStatus
from inference.model.artefact import MANIFEST, ArtefactError
from training.learning.errors import TaughtByForgotten
from training.learning.promotion.registry import Registry
from training.learning.promotion.rollback_watch import Watch
from training.learning.promotion.service import Learning, LearningRules
from training.learning.promotion.way_back import BY_ITSELF

ANNA, BEN = 11, 12
BOSS = "moderator:1"


@pytest_asyncio.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    async with school_in(tmp_path) as school:
        yield school


async def taught(school: School, model: str, claims: list[int], champion: str = SHIPPED_MODEL) -> None:
    """A retrain made this of these claims, and it answers."""
    folder = add_candidate(school.store, model)
    manifest = json.loads((folder / MANIFEST).read_text())
    stated = {"base": SHIPPED_MODEL, "champion": champion, "feedback": {"claims": len(claims)}}
    (folder / MANIFEST).write_text(json.dumps(manifest | stated))
    await school.on_trial(model, champion=champion)
    async with school.database.unit() as unit:
        await unit.evidence.add(model, claims)
    await school.registry.promote(model)


def service(school: School) -> Learning:
    return Learning(school.database, school.store, LearningRules(["true"]), clock=school.clock)


async def accepted(school: School) -> list[int]:
    async with school.database.unit(read_only=True) as unit:
        return [one.event_id for one in await unit.feedback.accepted()]


async def test_rolling_back_sets_aside_what_taught_only_the_model_that_goes_and_it_can_be_restored(
    school: School,
) -> None:
    old, new = await school.accepted_correction(ANNA), await school.accepted_correction(BEN)
    await taught(school, "first", [old])
    await taught(school, "second", [old, new], champion="first")
    learning = service(school)

    lesson = await learning.lesson_of_champion()
    done = await learning.roll_back(BOSS, "it was bad", set_aside=True)

    assert [one.event_id for one in lesson] == [new]
    assert (done.model, done.back, done.set_aside) == ("second", "first", (new,))
    assert await accepted(school) == [old]
    assert (await school.row("second")).status is RetrainStatus.ROLLED_BACK
    assert await learning.restore([new], BOSS) == [new]
    assert await accepted(school) == [old, new]


async def test_a_worker_that_follows_late_does_not_bring_the_bad_model_back_into_the_registry(school: School) -> None:
    await taught(school, "first", [await school.accepted_correction(ANNA)])
    answers = ["first"] * 3
    registry = Registry(school.database, school.store, lambda: answers.pop() if answers else SHIPPED_MODEL)

    await registry.roll_back("taken back by moderator 1")
    await registry.follow()

    assert await school.registered_champion() == SHIPPED_MODEL
    assert (await school.row("first")).error == "taken back by moderator 1"


async def test_claims_may_be_kept_and_rolling_back_twice_never_brings_the_bad_model_back(school: School) -> None:
    claim = await school.accepted_correction(ANNA)
    await taught(school, "first", [])
    await taught(school, "second", [claim], champion="first")
    learning = service(school)

    once = await learning.roll_back(BOSS, "it was bad", set_aside=False)
    twice = await learning.roll_back(BOSS, "so was that", set_aside=False)

    assert (once.back, twice.back) == ("first", SHIPPED_MODEL)
    assert await accepted(school) == [claim]
    with pytest.raises(ArtefactError, match="no model to go back to"):
        await learning.roll_back(BOSS, "and now?", set_aside=False)
    assert await learning.lesson_of_champion() == []


async def test_a_model_of_somebody_forgotten_never_answers_again(school: School) -> None:
    first, second = await school.accepted_correction(ANNA), await school.accepted_correction(BEN)
    await taught(school, "first", [first])
    await taught(school, "second", [second], champion="first")
    async with school.database.unit() as unit:
        await unit.users.forget(ANNA)
    learning = service(school)

    with pytest.raises(TaughtByForgotten, match=f"1 of the claims .* models promote {SHIPPED_MODEL}"):
        await learning.roll_back(BOSS, "it was bad", set_aside=True)
    with pytest.raises(TaughtByForgotten):
        await learning.promote("first", "it was better")

    assert school.store.pointer().model == "second"
    assert await accepted(school) == [second]
    await learning.promote(SHIPPED_MODEL, "as the message says")
    assert school.store.pointer().model == SHIPPED_MODEL


async def test_what_taught_a_model_that_went_by_itself_is_set_aside(school: School) -> None:
    await school.judged(SHIPPED_MODEL, ([True] + [False] * 9) * 6)
    claim = await school.accepted_correction(ANNA)
    await taught(school, "bad", [claim])
    school.clock.forward(hours=1)
    await school.judged("bad", [True] * 40)

    assert await Watch(school.database, school.store, school.registry).look() is not None

    assert await accepted(school) == []
    async with school.database.unit(read_only=True) as unit:
        review = await unit.reviews.latest(claim)
    assert review is not None
    assert (review.decision, review.reviewer) == (Decision.SET_ASIDE, BY_ITSELF)


async def test_claims_can_be_set_aside_in_bulk(school: School) -> None:
    claims = [await school.accepted_correction(person) for person in (ANNA, BEN)]

    assert await service(school).set_aside([*claims, 999], BOSS, "one person with two accounts") == claims

    assert await accepted(school) == []
