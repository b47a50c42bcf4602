"""A candidate answers only after a fair trial, whatever is cut off, corrupt or doubled meanwhile."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from learning_samples import SHIPPED_MODEL, School, add_candidate, school_in

from db.chat.chat_records import PredictionRecord
from db.learning.learning_records import RetrainStatus, RetrainTrigger
from inference.model.artefact import ArtefactError
from inference.model.shadow_score import ShadowAnswer, ShadowRefusal
from inference.store.pointer import SHADOW
from training.learning.promotion.registry import Registry
from training.learning.promotion.trial import TrialRules
from training.learning.promotion.trial_runner import TrialRunner

PHOTOS = 10
RULES = TrialRules(photos=PHOTOS, fewest=5)


@pytest_asyncio.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    async with school_in(tmp_path) as school:
        yield school


def promoter_of(school: School, rules: TrialRules = RULES) -> TrialRunner:
    return TrialRunner(school.database, school.store, school.registry, rules, school.clock)


async def scored(
    trial_runner: TrialRunner, photos: list[PredictionRecord], breed: str, model: str = "candidate-1"
) -> None:
    for photo in photos:
        await trial_runner.noted(photo.id, ShadowAnswer(model, breed, 0.9))


async def test_a_candidate_that_agrees_is_promoted_and_the_ledger_and_people_hear_of_it(school: School) -> None:
    claim = await school.accepted_correction(user_id=7)
    row, trial_runner = await school.candidate(), promoter_of(school)
    async with school.database.unit() as unit:
        await unit.evidence.add("candidate-1", [claim])
    await trial_runner.look()
    assert not trial_runner.due.is_set()

    await scored(trial_runner, await school.photos_seen(PHOTOS), "beagle")
    assert trial_runner.due.is_set(), "it has been seen often enough"
    await trial_runner.look()

    assert school.store.pointer().model == await school.registered_champion() == "candidate-1"
    assert school.store.pointer().previous == row.champion_id
    assert school.store.shadow() is None
    assert (await school.row()).status is RetrainStatus.PROMOTED
    async with school.database.unit(read_only=True) as unit:
        assert [(one.user_id, one.model_id, one.events) for one in await unit.thanks.due(10)] == [(7, "candidate-1", 1)]


async def test_before_that_it_waits(school: School) -> None:
    await school.candidate()
    trial_runner = promoter_of(school)
    await scored(trial_runner, await school.photos_seen(PHOTOS - 1), "beagle")

    await trial_runner.look()

    assert school.store.pointer().model == SHIPPED_MODEL
    assert school.store.shadow() == "candidate-1"
    assert trial_runner.agreement is not None
    assert (trial_runner.agreement.photos, trial_runner.agreement.same_answer) == (9, 9)


async def test_a_quiet_bot_promotes_on_what_there_is_after_a_week(school: School) -> None:
    await school.candidate()
    trial_runner = promoter_of(school)
    await scored(trial_runner, await school.photos_seen(RULES.fewest), "beagle")
    school.clock.forward(days=8)

    await trial_runner.look()

    assert school.store.pointer().model == "candidate-1"


async def test_one_that_disagrees_implausibly_is_dropped_with_the_numbers(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    await school.candidate()
    trial_runner = promoter_of(school)
    await scored(trial_runner, await school.photos_seen(PHOTOS), "borzoi")

    await trial_runner.look()
    await trial_runner.look()

    row = await school.row()
    assert row.status is RetrainStatus.REJECTED
    assert "0 of 10" in (row.error or "")
    assert school.store.pointer().model == SHIPPED_MODEL
    assert school.store.shadow() is None
    assert len([one for one in caplog.records if one.levelno >= logging.ERROR]) == 1


async def test_with_no_photos_to_wait_for_it_is_promoted_at_once(school: School) -> None:
    await school.candidate()

    await promoter_of(school, TrialRules(photos=0)).look()

    assert school.store.pointer().model == "candidate-1"


async def test_a_corrupt_candidate_is_never_promoted(school: School, caplog: pytest.LogCaptureFixture) -> None:
    await school.candidate()
    (school.store.root / "heads" / "candidate-1" / "head.npz").write_bytes(b"PK")

    trial_runner = promoter_of(school, TrialRules(photos=0))
    await trial_runner.look()
    await trial_runner.look()

    row = await school.row()
    assert row.status is RetrainStatus.FAILED
    assert "damaged" in (row.error or "")
    assert school.store.pointer().model == await school.registered_champion() == SHIPPED_MODEL
    assert school.store.shadow() is None
    assert len(caplog.records) == 1


async def test_one_that_the_worker_cannot_score_is_dropped_once(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    await school.candidate()
    trial_runner = promoter_of(school)
    (photo,) = await school.photos_seen(1)

    for _ in range(3):
        await trial_runner.noted(photo.id, ShadowRefusal("candidate-1", "its weights are torn"))
    assert trial_runner.due.is_set()
    await trial_runner.look()
    await trial_runner.look()

    assert (await school.row()).status is RetrainStatus.FAILED
    assert (await school.row()).error == "its weights are torn"
    assert [record.getMessage() for record in caplog.records] == [
        "candidate candidate-1 is dropped: its weights are torn"
    ]


async def test_a_pointer_that_no_retrain_speaks_of_is_let_go(school: School, caplog: pytest.LogCaptureFixture) -> None:
    school.store.set_shadow("never-heard-of")

    await promoter_of(school).look()

    assert school.store.shadow() is None
    assert "never-heard-of" in caplog.text


async def test_a_damaged_pointer_is_let_go_and_a_lost_one_is_set_again(school: School) -> None:
    school.store.set_shadow("any")
    (school.store.root / SHADOW).write_text("{")
    await promoter_of(school).look()
    assert school.store.shadow() is None

    await school.candidate()
    school.store.set_shadow(None)
    await promoter_of(school).look()
    assert school.store.shadow() == "candidate-1"


async def test_while_a_retrain_runs_its_candidate_is_left_alone(school: School) -> None:
    async with school.database.unit() as unit:
        await unit.retrains.start(RetrainTrigger.COMMAND, SHIPPED_MODEL, pid=1)
    school.store.set_shadow("about-to-be-named")

    await promoter_of(school).look()

    assert school.store.shadow() == "about-to-be-named"


async def test_a_newer_candidate_takes_the_place_of_an_older_one(school: School) -> None:
    await school.candidate("candidate-1")
    await school.candidate("candidate-2")

    await promoter_of(school).look()

    assert (await school.row("candidate-1")).status is RetrainStatus.REJECTED
    assert (await school.row("candidate-2")).status is RetrainStatus.SHADOW
    assert school.store.shadow() == "candidate-2"


async def test_a_candidate_is_not_promoted_over_a_champion_that_it_was_not_measured_against(school: School) -> None:
    await school.candidate("candidate-1")
    add_candidate(school.store, "by-hand")
    await school.registry.promote("by-hand")

    await promoter_of(school, TrialRules(photos=0)).look()

    assert school.store.pointer().model == "by-hand"
    assert "by-hand answers now" in ((await school.row()).error or "")


async def test_what_was_cut_off_between_pointer_and_registry_is_finished(school: School) -> None:
    claim = await school.accepted_correction(user_id=7)
    await school.candidate()
    async with school.database.unit() as unit:
        await unit.evidence.add("candidate-1", [claim])
    school.store.promote("candidate-1")  # and there the power went

    after = Registry(school.database, school.store)
    await after.follow()
    await TrialRunner(school.database, school.store, after, RULES, school.clock).look()

    assert await school.registered_champion() == "candidate-1"
    assert (await school.row()).status is RetrainStatus.PROMOTED
    assert school.store.shadow() is None
    async with school.database.unit(read_only=True) as unit:
        assert len(await unit.thanks.due(10)) == 1


async def test_two_bots_promote_one_candidate_once(school: School) -> None:
    await school.candidate()
    other = TrialRunner(
        school.database, school.store, Registry(school.database, school.store), TrialRules(photos=0), school.clock
    )

    await promoter_of(school, TrialRules(photos=0)).look()
    await other.look()

    assert school.store.pointer().previous == SHIPPED_MODEL
    assert (await school.row()).status is RetrainStatus.PROMOTED


async def test_a_pointer_moved_by_hand_is_noted_and_marks_the_one_that_was_taken_back(school: School) -> None:
    await school.candidate()
    await promoter_of(school, TrialRules(photos=0)).look()

    school.store.rollback()
    await school.registry.follow()

    assert await school.registered_champion() == SHIPPED_MODEL
    assert (await school.row()).status is RetrainStatus.ROLLED_BACK


@pytest.mark.slow
async def test_a_model_that_was_taken_back_can_be_told_to_answer_again(school: School) -> None:
    await school.candidate()
    await promoter_of(school, TrialRules(photos=0)).look()
    await school.registry.roll_back("by hand")

    await school.registry.promote("candidate-1")

    assert await school.registered_champion() == "candidate-1"
    assert (await school.row()).status is RetrainStatus.PROMOTED


async def test_a_model_that_the_worker_does_not_take_up_is_not_promoted(
    school: School,
) -> None:
    add_candidate(school.store, "candidate-1")
    stubborn = Registry(school.database, school.store, lambda: SHIPPED_MODEL, swap_s=0.1)

    with pytest.raises(ArtefactError, match="not taken up"):
        await stubborn.promote("candidate-1")

    assert school.store.pointer().model == await school.registered_champion() == SHIPPED_MODEL


async def test_scores_of_a_photo_whose_sender_was_forgotten_are_dropped_quietly(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    await school.candidate()
    (photo,) = await school.photos_seen(1, user_id=9)
    async with school.database.unit() as unit:
        await unit.users.forget(9)

    trial_runner = promoter_of(school)
    await scored(trial_runner, [photo], "beagle")
    await trial_runner.look()

    assert trial_runner.agreement is not None
    assert trial_runner.agreement.photos == 0
    assert caplog.records == []
