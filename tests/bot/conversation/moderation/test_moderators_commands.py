"""/models, /retrain and /stats, and who finds which command in the menu."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from claims import corrected
from stage import Stage, shown

from bot.conversation.menu import COMMANDS, MODERATOR_COMMANDS
from bot.texts import languages
from core.claim import Decision
from db.learning.learning_records import NewShadowScore, RetrainRecord, RetrainStatus, RetrainTrigger
from sandbox import ALICE, DAN, ChatMessage, Persona
from sandbox.api.methods_bot import commands_for
from training.learning.promotion.retrain_scheduler import AlreadyRunning, Started

MANIFEST = {
    "labels": ["beagle", "bloodhound", "not_a_dog"],
    "metrics": {"top1": {"value": 0.91, "n": 1035}, "ece": 0.03, "not_a_dog_rejected": {"value": 0.97, "n": 180}},
}


@pytest.fixture(autouse=True)
def dan_moderates(stage: Stage) -> None:
    stage.moderators.add(DAN.id)


async def asked(stage: Stage, command: str, who: Persona = DAN) -> str:
    reply = await stage.chat.wait_for_reply(await stage.chat.send_text(who, command))
    return " ".join(reply.text.split())


def menu(stage: Stage, who: Persona) -> list[str]:
    return [one["command"] for one in commands_for(stage.chat.world, who.language_code, who.id)]


@dataclass
class Retrains:
    """Stands in for the scheduler: the test says when a retrain ends, and how."""

    outcome: asyncio.Future[RetrainRecord | None] | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> Started | AlreadyRunning:
        if self.outcome is not None:
            return AlreadyRunning()
        self.outcome = asyncio.get_running_loop().create_future()
        return Started(self.outcome)

    def end(self, record: RetrainRecord | None) -> None:
        assert self.outcome is not None
        self.outcome.set_result(record)


def retrained(status: RetrainStatus, **facts: object) -> RetrainRecord:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    known = {"model_id": "new-model", "evidence_count": 62, "verdict": None, "error": None} | facts
    return RetrainRecord(
        id=1,
        started_at=now,
        finished_at=now,
        trigger=RetrainTrigger.COMMAND,
        status=status,
        champion_id="old-model",
        host="here",
        pid=1,
        **known,  # type: ignore[arg-type]
    )


async def test_the_models_are_shown_with_their_numbers(stage: Stage) -> None:
    async with stage.bot():
        answer = await corrected(stage)
        async with stage.database.unit() as unit:
            for model in ("first-model", "second-model"):
                await unit.model_versions.add(model, backbone_id="b", manifest=MANIFEST)
                await unit.model_versions.promote(model)
            await unit.model_versions.add("third-model", backbone_id="b", manifest=MANIFEST)
            begun = await unit.retrains.start(RetrainTrigger.COMMAND, "second-model", 1)
            await unit.retrains.finish(begun.id, RetrainStatus.SHADOW, model_id="third-model", evidence_count=3)
            await unit.shadow.add([NewShadowScore(1, "third-model", "beagle", 0.9)])
        said = await asked(stage, "/models")

        assert answer.from_bot
        assert "🏆 second-model answers since" in said
        assert "2 breeds · right on 91% of 1,035 photos · 97% of non-dogs seen as such · calibration off by 3%" in said
        assert "⏮ first-model answered before" in said
        assert "🕶 third-model is tried out" in said
        assert "Photos seen: 1 of 50; answered alike: 100%" in said
        assert "passed, tried out" in said


async def test_without_any_model_that_is_said(stage: Stage) -> None:
    async with stage.bot():
        assert await asked(stage, "/models") == shown("en", "models-none")


async def test_who_asked_for_a_retrain_is_told_what_came_of_it(stage: Stage) -> None:
    stage.retrain_now = retrains = Retrains()
    async with stage.bot():
        begun, again = await asked(stage, "/retrain"), await asked(stage, "/retrain")
        checks = [{"name": "ece", "passed": False, "sentence": "ECE rose to 0.08"}, {"name": "top1", "passed": True}]
        retrains.end(retrained(RetrainStatus.REJECTED, verdict={"passed": False, "checks": checks}))
        end = await stage.chat.wait_for(lambda one: "62 claims" in one.text, chat=DAN)

        assert begun == shown("en", "retrain-started")
        assert again == shown("en", "retrain-already")
        assert shown("en", "retrain-ended-rejected") in end.text
        assert "• ECE rose to 0.08" in end.text
        assert "top1" not in end.text


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (retrained(RetrainStatus.SHADOW), "new-model passed"),
        (retrained(RetrainStatus.PROMOTED), "answers from now on"),
        (retrained(RetrainStatus.NOTHING_NEW, model_id=None, evidence_count=0), "nothing new"),
        (retrained(RetrainStatus.FAILED, error="no space left <b>"), "no space left <b>"),
        (None, "stopped in the middle"),
    ],
)
async def test_every_end_has_its_words(stage: Stage, record: RetrainRecord | None, words: str) -> None:
    stage.retrain_now = retrains = Retrains()
    async with stage.bot():
        await asked(stage, "/retrain")
        retrains.end(record)

        await stage.chat.wait_for(lambda one: words in one.text, chat=DAN)


async def test_the_word_about_a_retrain_waits_until_telegram_takes_it(stage: Stage) -> None:
    stage.retrain_now = retrains = Retrains()
    async with stage.bot():
        await asked(stage, "/retrain")
        stage.chat.faults.add("server_error", method="sendMessage", times=4)
        retrains.end(retrained(RetrainStatus.PROMOTED))

        await stage.chat.wait_for(lambda one: "answers from now on" in one.text, chat=DAN)


async def test_a_process_that_cannot_retrain_says_who_can(stage: Stage) -> None:
    async with stage.bot():
        assert "breedbot retrain" in await asked(stage, "/retrain")


async def test_everybody_sees_what_the_community_taught(stage: Stage) -> None:
    async with stage.bot():
        nothing = await asked(stage, "/stats", ALICE)
        for shade, breed in ((1, "bloodhound"), (2, "bloodhound"), (3, "basset_hound")):
            await corrected(stage, ALICE, breed, shade)
        async with stage.database.unit() as unit:
            for event_id in (1, 2):
                await unit.reviews.decide(event_id, Decision.ACCEPTED, reviewer="cli")
        said = await asked(stage, "/stats", ALICE)

        assert shown("en", "stats-none") in nothing
        assert "Accepted: 2 — corrections: 2, ✅: 0 People: 1 Breeds: 1 Models made of them: 0" in said
        assert "Bloodhound (2)" in said
        assert "One claim waits" in said


async def test_moderators_find_their_commands_and_others_do_not(stage: Stage) -> None:
    async with stage.bot():
        await stage.until(lambda: "review" in menu(stage, DAN))

        assert menu(stage, DAN) == [*COMMANDS, *MODERATOR_COMMANDS]
        assert menu(stage, ALICE) == list(COMMANDS)


async def test_who_is_no_moderator_any_more_loses_the_menu_with_the_first_command(stage: Stage) -> None:
    async with stage.bot():
        await stage.until(lambda: "review" in menu(stage, DAN))
        stage.moderators.clear()
        said = await asked(stage, "/retrain")
        await stage.settled()

        assert said == shown("en", "notice-unknown-command")
        assert "review" not in menu(stage, DAN)


async def test_a_moderators_menu_keeps_the_language_they_chose_after_a_restart_and_a_start(stage: Stage) -> None:
    def described(who: Persona) -> str:
        return str(commands_for(stage.chat.world, who.language_code, who.id)[-1]["description"])

    last = f"command-{MODERATOR_COMMANDS[-1]}"
    async with stage.bot():
        question = await stage.chat.wait_for_reply(await stage.chat.send_text(DAN, "/language"))
        await (await stage.chat.press(question, "Français")).answer()
        await stage.until(lambda: described(DAN) == shown("fr", last))
    before = stage.chat.faults.calls["setMyCommands"]
    async with stage.bot():
        await stage.called("setMyCommands", before + 2 * (len(languages()) + 1))  # everybody's, a moderator's
        await stage.settled()
        after_a_restart = described(DAN)
        await asked(stage, "/start")
        await stage.settled()

    assert (after_a_restart, described(DAN)) == (shown("fr", last), shown("fr", last))


async def test_a_moderator_who_writes_for_the_first_time_gets_the_menu(stage: Stage) -> None:
    async with stage.bot():
        eve = stage.chat.add_person("Eve", "fr")
        stage.moderators.add(eve.id)
        said: ChatMessage = await stage.chat.wait_for_reply(await stage.chat.send_text(eve, "/start"))
        await stage.settled()

        assert said.text
        assert "review" in menu(stage, eve)
