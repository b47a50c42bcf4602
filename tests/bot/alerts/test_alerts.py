"""Moderators hear that something is wrong once when it begins and once when it is over, each in their language."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from stage import Stage, photo

from bot.alerts.alert_view import alert
from bot.alerts.alerts import Alerts, Surroundings
from bot.alerts.checks import Checks
from bot.alerts.incidents import AlertRules, News, Trouble
from bot.metrics import Metrics
from bot.sentences import forms_of, read_catalog
from bot.texts import LOCALES, languages
from db.database import Database
from db.errors import DatabaseUnavailable
from db.url import sqlite_url
from inference.queue.protocol import Failure, Job, JobResult
from sandbox import ALICE, BRUNO, Persona
from training.learning.promotion.rollback_watch import TakenBack

EVENTS = {
    Trouble.POISON, Trouble.TAKEN_BACK, Trouble.PROMOTED, Trouble.REFUSED, Trouble.SET_ASIDE, Trouble.ROLLED_BACK,
}  # fmt: skip
PHOTO = Job(1, "0" * 64, 0.0)
RULES = AlertRules(look_s=0.02, looks=2, over_after_s=0.1)


@dataclass
class World:
    """What is wrong outside."""

    model: str | None = None

    def around(self, memory: Path | None = None, **rules: object) -> Surroundings:
        changed = {name: getattr(RULES, name) for name in RULES.__slots__} | rules
        return Surroundings((), lambda: self.model, memory, AlertRules(**changed))


@dataclass
class Watch:
    """A watchman and what he reports on."""

    database: Database
    metrics: Metrics = field(default_factory=Metrics)

    def man(self, *folders: Path, **rules: object) -> Checks:
        return Checks(self.database, self.metrics.outcomes, AlertRules(**rules), folders=folders)  # type: ignore[arg-type]


@asynccontextmanager
async def watch(stage: Stage) -> AsyncIterator[Watch]:
    database = await Database.open(sqlite_url(stage.folder / "bot.db"))
    try:
        yield Watch(database)
    finally:
        await database.close()


def heard(stage: Stage, person: Persona, key: str) -> int:
    """How often this person was told so."""
    message = read_catalog(LOCALES / f"{'fr' if person is BRUNO else 'en'}.po").get(key)
    assert message is not None
    template = forms_of(message)[-1]
    return sum(one.text.startswith(template.partition("{")[0]) for one in stage.chat.messages(person))


async def wrote(stage: Stage) -> None:
    """Both have written to the bot, so it knows their languages."""
    for person in (ALICE, BRUNO):
        await stage.chat.send_text(person, "/start")
        await stage.chat.wait_for(lambda one: one.from_bot, chat=person)
    stage.moderators |= {ALICE.id, BRUNO.id}


@pytest.mark.slow
async def test_each_trouble_is_told_once_in_each_moderator_s_language_and_once_more_when_it_is_over(
    stage: Stage,
) -> None:
    world = World()
    stage.around = world.around()
    async with stage.bot():
        await wrote(stage)
        world.model = "head-2 shall answer and was refused"
        await stage.until(lambda: heard(stage, ALICE, "alert-model") and heard(stage, BRUNO, "alert-model"))
        await asyncio.sleep(0.2)
        world.model = None
        await stage.until(lambda: heard(stage, ALICE, "alert-over-model") and heard(stage, BRUNO, "alert-over-model"))
        await asyncio.sleep(0.2)

    for person in (ALICE, BRUNO):
        assert heard(stage, person, "alert-model") == heard(stage, person, "alert-over-model") == 1
    assert any("head-2" in one.text for one in stage.chat.messages(BRUNO))


async def test_a_restart_does_not_tell_again_what_goes_on_but_does_tell_its_end(stage: Stage) -> None:
    world = World()
    stage.around = world.around(stage.folder / "alerts.json")
    async with stage.bot():
        await wrote(stage)
        world.model = "gone"
        await stage.until(lambda: heard(stage, ALICE, "alert-model") and (stage.folder / "alerts.json").exists())
    async with stage.bot() as app:
        await stage.until(lambda: app.parts.alerts._troubles._states[Trouble.MODEL].seen > 3)
        assert app.parts.alerts.said_in("en") == ["⚠️ The model is in trouble: gone"]
        world.model = None
        await stage.until(lambda: heard(stage, ALICE, "alert-over-model"))

    assert heard(stage, ALICE, "alert-model") == 1


async def test_while_telegram_cannot_be_reached_the_word_waits(stage: Stage) -> None:
    world = World()
    stage.around = world.around()
    async with stage.bot():
        await wrote(stage)
        rule = stage.chat.faults.add("server_error", method="sendMessage")
        world.model = "gone"
        await stage.until(lambda: stage.chat.faults.calls["sendMessage"] > 8)
        stage.chat.faults.remove(rule)
        await stage.until(lambda: heard(stage, ALICE, "alert-model"))
        await stage.until(lambda: heard(stage, BRUNO, "alert-model"))


async def test_who_cannot_be_told_keeps_nobody_else_waiting(stage: Stage) -> None:
    world = World()
    stage.around = world.around()
    async with stage.bot() as app:
        await wrote(stage)
        stage.moderators.add(424242)
        world.model = "gone"
        await stage.until(lambda: heard(stage, ALICE, "alert-model") and not app.parts.alerts._waiting)


@pytest.mark.slow
async def test_a_photo_that_was_given_up_is_told_and_the_next_ones_together_later(stage: Stage) -> None:
    stage.around = World().around(again_after_s=4.0)
    stage.say = lambda _: Failure.POISON
    async with stage.bot():
        await wrote(stage)
        await stage.replies([await stage.chat.send_photo(ALICE, photo())])
        await stage.until(lambda: heard(stage, BRUNO, "alert-poison"))
        await stage.replies([await stage.chat.send_photo(ALICE, photo(shade)) for shade in range(3)])
        await stage.until(lambda: any("sur 3 photos" in one.text for one in stage.chat.messages(BRUNO)))


async def test_a_model_that_was_taken_back_is_told_once(stage: Stage) -> None:
    stage.around = World().around()
    async with stage.bot() as app:
        await wrote(stage)
        await stage.until(lambda: {ALICE.id, BRUNO.id} <= app.parts.alerts._languages.keys())
        app.parts.metrics.outcomes.taken_back.append(TakenBack("model-b", "model-a", 0.41, 0.12))
        await stage.until(lambda: heard(stage, BRUNO, "alert-taken-back"))
        await app.parts.alerts.round()

        (word,) = [one.text for one in stage.chat.messages(BRUNO) if "model-b" in one.text]
        assert all(part in word for part in ("model-a", "41", "12"))


async def test_trouble_is_a_gauge_too(stage: Stage) -> None:
    world = World("gone")
    stage.around = world.around()
    async with stage.bot() as app:
        await stage.until(lambda: app.parts.alerts.said_in("fr"))

        assert 'breedbot_trouble{kind="model"} 1.0' in app.parts.metrics.page().decode()


async def test_a_disk_with_little_room_is_a_trouble(stage: Stage, tmp_path: Path) -> None:
    async with watch(stage) as around:
        fine = await around.man(tmp_path, disk_bytes=1).look()
        full = await around.man(tmp_path, disk_bytes=2**60).look()
        unknown = await around.man(tmp_path / "nowhere", disk_bytes=2**60).look()

    assert (fine, unknown) == ({}, {})
    assert set(full) == {Trouble.DISK}


@pytest.mark.slow
async def test_photos_that_wait_for_long_are_a_trouble(stage: Stage) -> None:
    async with stage.bot(work=False) as app:
        await stage.chat.send_photo(ALICE, photo())
        await stage.until(lambda: app.photos_waiting)
    async with watch(stage) as around:
        man = around.man(backlog_s=timedelta(hours=1).total_seconds())
        young = await man.look()
        await stage.change_database("UPDATE jobs SET created_at = '2026-01-01 00:00:00.000000'")
        old = await man.look()

    assert young == {}
    assert set(old) == {Trouble.BACKLOG}
    assert man.backlog_s > 3600


async def test_many_failures_of_ours_are_a_trouble_and_bad_photos_are_not(stage: Stage) -> None:
    async with watch(stage) as around:
        man, outcomes = around.man(), around.metrics.outcomes
        for _ in range(20):
            around.metrics.looked_at(JobResult(PHOTO, failure=Failure.UNREADABLE))
        bad_photos = await man.look()
        for _ in range(4):
            around.metrics.looked_at(JobResult(PHOTO, failure=Failure.INTERNAL))
        few = await man.look()
        outcomes.note(failed=True)
        many = await man.look()

    assert (bad_photos, few) == ({}, {})
    assert many == {Trouble.ERRORS: {"share": 0.2, "count": 25}}


async def test_a_database_that_does_not_let_us_write_is_a_trouble_and_told_in_the_language_known_before(
    stage: Stage,
) -> None:
    stage.around = World().around()
    async with stage.bot() as app:
        await wrote(stage)
        await stage.until(lambda: {ALICE.id, BRUNO.id} <= app.parts.alerts._languages.keys())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stage.database, "unit", _broken)
            await stage.until(lambda: heard(stage, BRUNO, "alert-database") and heard(stage, ALICE, "alert-database"))


def _broken(*, read_only: bool = False) -> object:
    raise DatabaseUnavailable("database bot.db: gone")


@pytest.mark.parametrize("language", languages())
def test_every_trouble_has_its_words(language: str) -> None:
    values: dict[Trouble, dict[str, str | float]] = {
        Trouble.MODEL: {"reason": "x"},
        Trouble.DISK: {"free": 12},
        Trouble.BACKLOG: {"count": 3},
        Trouble.ERRORS: {"share": 0.4, "count": 9},
        Trouble.DATABASE: {"reason": "x"},
        Trouble.RETENTION: {"reason": "x"},
        Trouble.POISON: {"count": 1},
        Trouble.TAKEN_BACK: {"model": "b", "back": "a", "share": 0.4, "before": 0.1},
        Trouble.PROMOTED: {"model": "b", "count": 7},
        Trouble.REFUSED: {"model": "b", "champion": "a", "reason": "x"},
        Trouble.SET_ASIDE: {"count": 9, "people": 2, "reason": "x"},
        Trouble.ROLLED_BACK: {"model": "b", "champion": "a", "reason": "x"},
        Trouble.REFUSALS: {"count": 3, "reason": "x"},
    }
    for trouble in Trouble:
        assert "alert-" not in alert(News(trouble, values[trouble]), language).text
        if trouble not in EVENTS:
            assert "alert-" not in alert(News(trouble, values[trouble], over=True), language).text


async def test_alerts_watch_nothing_outside_unless_told_to(stage: Stage) -> None:
    async with watch(stage) as around:
        alerts = Alerts(
            around.database, None, frozenset, around.metrics, Surroundings(), language="en"  # type: ignore[arg-type]
        )  # fmt: skip
        await alerts.round()

        assert alerts.said_in("en") == []
        assert "disk_free" not in around.metrics.page().decode()
