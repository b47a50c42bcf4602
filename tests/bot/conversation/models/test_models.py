"""Moderators look at models, let one answer before its trial is over, and take one back with what taught it."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from learning_samples import SHIPPED_MODEL, add_candidate
from stage import Stage, turned
from stored import predict

from bot.conversation.models.facts import KnownModel, ModelsPage
from bot.conversation.models.view import promote_question
from core.claim import Decision, Verdict
from core.prediction import BreedScore, Kind
from db.chat.chat_records import Consent, ModelVersionRecord, NewPrediction
from db.database import Database
from db.learning.learning_records import NewShadowScore, RetrainStatus, RetrainTrigger
from inference.store.folder_store import ModelStore
from sandbox import ALICE, DAN, ChatMessage
from training.learning.promotion.service import Learning, LearningRules, LearningTiming

IDLE = (sys.executable, "-c", "")
NEW = "dogs132-20270101-abcdef"
CHECKS = [{"name": "gain", "passed": True, "sentence": "5 of 7 are right now", "numbers": {}}]
CALM = LearningTiming(follow_s=0.05, judge_s=600, look_s=600)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture(autouse=True)
def learning_bot(stage: Stage, store: ModelStore) -> None:
    def learning(database: Database) -> Learning:
        return Learning(database, store, LearningRules(IDLE, timing=CALM))

    stage.learning = learning
    stage.moderators.add(DAN.id)


async def on_trial(stage: Stage, store: ModelStore) -> None:
    """A candidate that one claim of Alice taught, seen on one photo."""
    folder = add_candidate(store, NEW)
    await stage.until(lambda: stage.edit_database("SELECT count(*) FROM model_versions") == [(1,)])
    async with stage.database.unit() as unit:
        await unit.users.seen(ALICE.id, "en")
        await unit.consents.set(ALICE.id, Consent.YES)
        await unit.photos.add("a" * 64, size_bytes=1, mime="image/jpeg", width=1, height=1)
        job = await unit.jobs.add(
            photo_sha256="a" * 64, user_id=ALICE.id, chat_id=ALICE.id, message_id=1, update_id=None
        )
        said = NewPrediction(Kind.BREED, (BreedScore("beagle", 0.9),), 0.01, SHIPPED_MODEL, "bones", b"\0" * 4096)
        answer = await predict(unit, job.id, said)
        await unit.jobs.set_answered(job.id, 1)
        claim = await unit.feedback.append(
            prediction_id=answer.id, user_id=ALICE.id, verdict=Verdict.CORRECT, breed="pug"
        )
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="policy")
        head = store.head(folder.name)
        await unit.model_versions.add(NEW, backbone_id=head.backbone_id, manifest=head.manifest)
        made = await unit.retrains.start(RetrainTrigger.COMMAND, SHIPPED_MODEL, 1)
        verdict = {"passed": True, "checks": CHECKS}
        await unit.retrains.finish(made.id, RetrainStatus.SHADOW, model_id=NEW, evidence_count=1, verdict=verdict)
        await unit.evidence.add(NEW, [claim.id])
        await unit.shadow.add([NewShadowScore(answer.id, NEW, "pug", 0.9)])
    store.set_shadow(NEW)


async def page(stage: Stage) -> ChatMessage:
    return await stage.chat.wait_for_reply(await stage.chat.send_text(DAN, "/models"))


async def decision(stage: Stage) -> Decision:
    async with stage.database.unit(read_only=True) as unit:
        found = await unit.reviews.latest(1)
    assert found is not None
    return found.decision


async def test_a_candidate_s_trial_is_told_with_whose_claims_it_is_made_of_and_how_it_was_judged(
    stage: Stage, store: ModelStore
) -> None:
    async with stage.bot():
        await on_trial(stage, store)
        models = await page(stage)
        judged = await turned(stage, models, "⚖️")

        assert "Photos seen: 1 of 50; answered alike: 0%" in models.text
        assert "accepted by people: 0, by a rule: 1" in models.text
        assert "Does it know what it was taught?" in judged.text
        assert "5 of 7 are right now" in judged.text
        assert f"{ALICE.id} (1)" in judged.text


async def test_a_model_is_promoted_and_taken_back_and_what_taught_it_is_set_aside(
    stage: Stage, store: ModelStore
) -> None:
    async with stage.bot():
        await on_trial(stage, store)
        question = await turned(stage, await page(stage), "🏆")
        promoted = await turned(stage, question, "🏆")
        answering = store.pointer().model
        back = await turned(stage, await page(stage), "⏮")
        gone = await turned(stage, back, "🧹")

        assert "before its trial is over" in question.text
        assert "answers from now on" in promoted.text
        assert answering == NEW
        assert "One claim (people: 1) taught" in back.text
        assert "One claim that taught it is set aside" in gone.text
        assert store.pointer().model == SHIPPED_MODEL
        assert await decision(stage) is Decision.SET_ASIDE


async def test_taking_back_twice_does_not_bring_the_bad_model_back(stage: Stage, store: ModelStore) -> None:
    async with stage.bot():
        await on_trial(stage, store)
        await turned(stage, await turned(stage, await page(stage), "🏆"), "🏆")
        back = await turned(stage, await page(stage), "⏮")
        await turned(stage, back, "⏮ Keep")
        await (await stage.chat.press_data(back, back.data_of("⏮ Keep"), user=DAN)).answer()
        await stage.settled()
        again = await page(stage)

        assert store.pointer().model == SHIPPED_MODEL
        assert not again.has_button("⏮")
        assert await decision(stage) is Decision.ACCEPTED


async def test_who_is_no_moderator_changes_nothing(stage: Stage, store: ModelStore) -> None:
    async with stage.bot():
        await on_trial(stage, store)
        models = await page(stage)
        stage.moderators.clear()
        reaction = await (await stage.chat.press(models, "🏆")).answer()

        assert reaction.text == "Only moderators can do that."
        assert store.pointer().model == SHIPPED_MODEL


@pytest.mark.parametrize(("split", "said"), [("test", False), ("golden", True)])
def test_numbers_of_different_photos_are_said_not_to_compare(split: str, said: bool) -> None:
    def model(name: str, split: str) -> KnownModel:
        now = datetime(2026, 12, 1, tzinfo=UTC)
        measured = {"metrics": {"split": split, "n": 960, "top1": {"value": 0.9, "n": 868}}}
        return KnownModel(ModelVersionRecord(name, "bones", now, now, None, measured, None))

    question = promote_question(model("new", split), ModelsPage(model("old", "test"), wanted=50), "en")

    assert ("measured on different photos" in question.text) is said
