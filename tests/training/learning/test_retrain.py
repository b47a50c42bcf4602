"""`retrain`: what people taught becomes a candidate, or nothing at all happens."""

import asyncio
import errno
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from learning_school import BASE, School, school

from db.errors import AlreadyRunning
from db.learning.learning_records import NewShadowScore, RetrainStatus, RetrainTrigger
from inference.model.artefact import ArtefactError
from training.learning.errors import CandidateUnwritable, RetrainUnderWay
from training.learning.ledger import ledger
from training.learning.promotion.registry import Registry
from training.learning.retrain.retrain import retrain, retrain_lock
from training.learning.suspects.suspects import ranges

PEOPLE = list(range(101, 113))


@pytest.fixture
async def loop(tmp_path: Path) -> AsyncIterator[School]:
    async with school(tmp_path) as opened:
        yield opened


async def taught(loop: School, count: int = 24) -> None:
    """Odd pugs, which the base takes for beagles."""
    await loop.claims("pug", loop.kennel.photos("pug", count, odd=True), PEOPLE)


@pytest.mark.slow
async def test_what_people_corrected_is_right_afterwards_and_the_candidate_is_on_trial(loop: School) -> None:
    photos = loop.kennel.photos("pug", 24, odd=True)
    events = await loop.claims("pug", photos, PEOPLE)

    outcome = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert outcome.status is RetrainStatus.SHADOW, outcome.to_lines()
    assert outcome.model is not None
    assert loop.store.shadow() == outcome.model
    assert loop.store.pointer().model == BASE
    artefact = loop.store.head(outcome.model)
    answers = artefact.head().predictions(photos)
    assert [answer.top[0].breed for answer in answers].count("pug") == 24
    assert [answer.top[0].breed for answer in loop.base.predictions(photos)].count("pug") == 0
    assert artefact.manifest["feedback"]["claims"] == len(events)
    assert artefact.manifest["verdict"]["passed"] is True
    assert "Why it may answer" in (artefact.folder / "card.md").read_text()
    async with loop.database.unit(read_only=True) as unit:
        row = await unit.retrains.get(outcome.model)
        claims = await unit.evidence.of(outcome.model)
    assert row is not None
    assert (row.status, row.champion_id, row.evidence_count) == (RetrainStatus.SHADOW, BASE, 24)
    assert [one.event_id for one in claims] == events


@pytest.mark.slow
async def test_without_anything_new_no_candidate_is_made(loop: School) -> None:
    nothing = await retrain(loop.database, loop.store, loop.photos, loop.settings)
    await taught(loop)
    first = await retrain(loop.database, loop.store, loop.photos, loop.settings)
    assert first.model is not None
    loop.store.promote(first.model)
    again = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert (nothing.status, again.status) == (RetrainStatus.NOTHING_NEW, RetrainStatus.NOTHING_NEW)
    assert "knows" in again.to_lines()[0]


@pytest.mark.slow
async def test_a_dry_run_writes_nothing(loop: School) -> None:
    await taught(loop)
    dry = type(loop.settings)(loop.settings.data_dir, dry_run=True)

    outcome = await retrain(loop.database, loop.store, loop.photos, dry)

    assert outcome.verdict is not None
    assert outcome.verdict.passed
    assert [head.id for head in loop.store.heads()] == [BASE]
    async with loop.database.unit(read_only=True) as unit:
        assert await unit.retrains.last(1) == []


@pytest.mark.slow
async def test_who_is_forgotten_is_gone_from_the_next_model_and_the_ledger_says_so(loop: School) -> None:
    await taught(loop)
    first = await retrain(loop.database, loop.store, loop.photos, loop.settings)
    assert first.model is not None
    await Registry(loop.database, loop.store).promote_at_once(first)
    async with loop.database.unit() as unit:
        await unit.users.forget(PEOPLE[0])

    second = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    async with loop.database.unit(read_only=True) as unit:
        known = await unit.evidence.of(first.model)
    told = await ledger(loop.database, first.model, loop.store.head(first.model).manifest)
    assert (len(known), told.forgotten, len(told.claims)) == (22, 2, 22)
    assert second.claims == 22
    assert second.status is RetrainStatus.SHADOW, second.to_lines()
    assert second.model != first.model


@pytest.mark.slow
async def test_flips_concentrated_on_one_breed_are_refused(loop: School) -> None:
    await loop.claims("borzoi", loop.kennel.photos("pug", 40), PEOPLE)

    outcome = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert outcome.status is RetrainStatus.REJECTED
    assert outcome.model is None
    assert outcome.verdict is not None
    assert "breeds" in {check.name for check in outcome.verdict.failures}
    assert [one.user_ids for one in outcome.set_aside] == [tuple(PEOPLE)]
    assert [head.id for head in loop.store.heads()] == [BASE]
    assert loop.store.shadow() is None
    async with loop.database.unit(read_only=True) as unit:
        (row,) = await unit.retrains.last(1)
    assert row.status is RetrainStatus.REJECTED
    assert row.verdict is not None
    assert row.verdict["passed"] is False


@pytest.mark.slow
async def test_a_campaign_against_one_breed_keeps_nobody_elses_corrections_from_being_learned(loop: School) -> None:
    flipped = await loop.claims("borzoi", loop.kennel.photos("pug", 40), PEOPLE)
    honest = await loop.claims("borzoi", loop.kennel.photos("borzoi", 12, odd=True), [201, 202, 203])

    outcome = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert outcome.status is RetrainStatus.SHADOW, outcome.to_lines()
    assert {event for one in outcome.set_aside for event in one.event_ids} <= set(flipped)
    assert len(honest) <= outcome.claims <= len(honest) + len(flipped) // 4
    async with loop.database.unit(read_only=True) as unit:
        accepted = {one.event_id for one in await unit.feedback.accepted()}
        counts = await unit.reviews.by_user(PEOPLE[0])
        row = (await unit.retrains.last(1))[0]
    assert set(honest) <= accepted
    assert counts.set_aside > 0
    assert row.verdict is not None
    assert row.verdict["set_aside"][0]["people"] == len(PEOPLE)
    assert any("for a moderator to look at" in line for line in outcome.to_lines())


async def test_two_at_once_are_one(loop: School) -> None:
    await taught(loop)
    with retrain_lock(loop.settings.data_dir), pytest.raises(RetrainUnderWay, match="wait until it ends"):
        await retrain(loop.database, loop.store, loop.photos, loop.settings)
    async with loop.database.unit() as unit:
        await unit.retrains.start(RetrainTrigger.COMMAND, BASE, os.getpid())

    with pytest.raises(AlreadyRunning):
        await retrain(loop.database, loop.store, loop.photos, loop.settings)


@pytest.mark.slow
async def test_a_killed_one_leaves_nothing_and_the_next_one_closes_its_row(loop: School) -> None:
    await taught(loop)
    ended = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await ended.wait()
    async with loop.database.unit() as unit:
        await unit.retrains.start(RetrainTrigger.SCHEDULE, BASE, ended.pid)
    leftover = loop.store.root / "heads" / ".dogs3-20260101-aaaaaa.00"
    leftover.mkdir()
    os.utime(leftover, (0, 0))

    outcome = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert outcome.status is RetrainStatus.SHADOW
    assert not leftover.exists()
    async with loop.database.unit(read_only=True) as unit:
        new, dead = await unit.retrains.last(2)
    assert (new.status, dead.status) == (RetrainStatus.SHADOW, RetrainStatus.FAILED)


@pytest.mark.slow
async def test_a_folder_that_a_killed_run_left_whole_is_written_again(loop: School) -> None:
    await taught(loop)
    first = await retrain(loop.database, loop.store, loop.photos, loop.settings)
    loop.store.set_shadow(None)

    second = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert first.model == second.model
    assert second.status is RetrainStatus.SHADOW


@pytest.mark.slow
async def test_a_model_that_was_taken_back_and_is_made_again_is_tried_anew(loop: School) -> None:
    await taught(loop)
    first = await retrain(loop.database, loop.store, loop.photos, loop.settings)
    assert first.model is not None
    registry = Registry(loop.database, loop.store)
    async with loop.database.unit() as unit:
        seen = [claim.prediction_id for claim in await unit.feedback.list()]
        await unit.shadow.add([NewShadowScore(about, first.model, "pug", 0.9) for about in seen])
    await registry.promote(first.model)
    await registry.roll_back("too early")

    second = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert (second.model, second.status) == (first.model, RetrainStatus.SHADOW)
    async with loop.database.unit(read_only=True) as unit:
        assert (await unit.shadow.agreement(first.model)).photos == 0


@pytest.mark.slow
async def test_a_full_disk_leaves_nothing_behind(loop: School, monkeypatch: pytest.MonkeyPatch) -> None:
    await taught(loop)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "card.md")

    monkeypatch.setattr("training.learning.retrain.candidate_folder.fill_head", full)
    with pytest.raises(CandidateUnwritable, match="No space left on device; nothing has changed"):
        await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert [path.name for path in (loop.store.root / "heads").iterdir()] == [BASE]
    assert loop.store.shadow() is None
    async with loop.database.unit(read_only=True) as unit:
        (row,) = await unit.retrains.last(1)
    assert row.status is RetrainStatus.FAILED
    assert "No space left" in (row.error or "")


async def test_a_stopped_one_says_so_and_leaves_nothing(loop: School) -> None:
    await taught(loop)
    task = asyncio.ensure_future(retrain(loop.database, loop.store, loop.photos, loop.settings))
    while True:
        await asyncio.sleep(0)
        async with loop.database.unit(read_only=True) as unit:
            if await unit.retrains.running() is not None:
                break

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with loop.database.unit(read_only=True) as unit:
        (row,) = await unit.retrains.last(1)
    assert (row.status, row.error) == (RetrainStatus.FAILED, "it was stopped")
    assert [head.id for head in loop.store.heads()] == [BASE]


@pytest.mark.slow
async def test_a_candidate_that_was_damaged_meanwhile_is_not_promoted(loop: School) -> None:
    await taught(loop)
    outcome = await retrain(loop.database, loop.store, loop.photos, loop.settings)
    assert outcome.model is not None
    file = loop.store.head(outcome.model).folder / "head.npz"
    file.write_bytes(file.read_bytes()[:-100])

    with pytest.raises(ArtefactError, match="damaged"):
        await Registry(loop.database, loop.store).promote_at_once(outcome)

    assert loop.store.pointer().model == BASE
    async with loop.database.unit(read_only=True) as unit:
        row = await unit.retrains.get(outcome.model)
    assert row is not None
    assert row.status is RetrainStatus.FAILED


@pytest.mark.slow
async def test_a_breed_joins_when_enough_people_have_sent_enough_photos(loop: School) -> None:
    await loop.claims("saluki", loop.kennel.photos("saluki", 6, odd=True, like="pug"), PEOPLE[:6])
    waiting = await retrain(loop.database, loop.store, loop.photos, loop.settings)
    await loop.claims("saluki", loop.kennel.photos("saluki", 10, odd=True, like="pug"), PEOPLE)
    joined = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert waiting.breeds is not None
    assert [(one.breed, one.photos, one.people) for one in waiting.breeds.waiting] == [("saluki", 6, 6)]
    assert joined.status is RetrainStatus.SHADOW, joined.to_lines()
    assert joined.model is not None
    assert joined.model.startswith("dogs4-")
    head = loop.store.head(joined.model).head()
    new = head.predictions(loop.kennel.photos("saluki", 10, odd=True, like="pug"))
    assert [one.top[0].breed for one in new].count("saluki") >= 9


@pytest.mark.slow
async def test_features_of_another_backbone_without_their_photo_are_left_out(loop: School) -> None:
    await taught(loop)
    await loop.claims("pug", loop.kennel.photos("pug", 3, odd=True), PEOPLE, backbone="old-bones")

    outcome = await retrain(loop.database, loop.store, loop.photos, loop.settings)

    assert outcome.left_out.no_photo == 3
    assert outcome.claims == 24
    assert any("photo is gone" in line for line in outcome.to_lines())


def test_numbers_are_told_in_short() -> None:
    assert ranges((1, 2, 3, 7, 9, 10)) == "1-3,7,9-10"
    assert ranges(()) == ""
