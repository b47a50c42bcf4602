"""A running bot tries a candidate on the photos that people send, and then answers with it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from learning_samples import SHIPPED_MODEL, School, school_in
from stage import TIMING, photo

from bot.app import BotApp
from bot.parts import Parts
from bot.settings import BotSettings
from db.learning.learning_records import RetrainStatus
from db.photos.photo_store import PhotoFolder
from inference.model.classifier import Champion
from inference.model.shadow_score import ShadowAnswer
from inference.queue.local import LocalQueue
from inference.serving.shadow import Shadow
from inference.settings import Engine
from inference.worker.worker import Worker
from sandbox import ALICE, LocalChat
from training.learning.promotion.service import Learning, LearningRules, LearningTiming
from training.learning.promotion.trial import TrialRules

TIMEOUT_S = 120
PHOTOS = 3
IDLE = (sys.executable, "-c", "")


@asynccontextmanager
async def live(school: School, chat: LocalChat, folder: Path) -> AsyncIterator[None]:
    settings = BotSettings(_env_file=None).at_server(chat.url, chat.token)  # type: ignore[call-arg]
    photos, queue = PhotoFolder(folder / "photos"), LocalQueue()
    champion, shadow = Champion(school.store, Engine.OPENVINO), Shadow(school.store)
    rules = LearningRules(
        IDLE, trial=TrialRules(PHOTOS), timing=LearningTiming(follow_s=0.05, judge_s=0.05, look_s=TIMEOUT_S)
    )
    learning = Learning(school.database, school.store, rules, answering=lambda: champion().model_id)
    app = BotApp(Parts(settings, school.database, photos, queue, timing=TIMING, learning=learning))
    worker = Worker(queue, champion, photos.get, app.parts.results.report, shadow=shadow)
    stop = asyncio.Event()
    running = asyncio.ensure_future(app.run(stop, worker))
    try:
        yield
    finally:
        stop.set()
        await running
        shadow.close()
        champion.close()


@pytest.mark.slow
async def test_a_candidate_is_tried_on_live_photos_and_then_answers_them(tmp_path: Path) -> None:
    async with school_in(tmp_path) as school, LocalChat.running(tmp_path / "chat") as chat:
        await school.candidate()
        async with live(school, chat, tmp_path):
            sent = 0
            async with asyncio.timeout(TIMEOUT_S):
                while school.store.pointer().model == SHIPPED_MODEL:
                    sent += 1
                    await chat.wait_for_reply(await chat.send_photo(ALICE, photo(sent)), timeout_s=TIMEOUT_S)
                while (await school.row()).status is not RetrainStatus.PROMOTED:  # noqa: ASYNC110 - the database does not call
                    await asyncio.sleep(0.01)
            last = await chat.wait_for_reply(await chat.send_photo(ALICE, photo(99)), timeout_s=TIMEOUT_S)
        async with school.database.unit(read_only=True) as unit:
            models = [
                record.model_id for number in range(sent + 1) if (record := await unit.predictions.get(number + 1))
            ]
            agreement = await unit.shadow.agreement("candidate-1")

    assert last.text
    assert sent > PHOTOS, "the first batch goes unscored: it only asks for the candidate"
    assert models[:PHOTOS] == [SHIPPED_MODEL] * PHOTOS
    assert models[-1] == "candidate-1", "who is told that it is promoted gets an answer of it"
    assert agreement.photos == agreement.same_answer >= PHOTOS


async def test_notes_that_cannot_be_stored_hurt_nobody(tmp_path: Path) -> None:
    async with school_in(tmp_path) as school:
        learning = Learning(school.database, school.store, LearningRules(IDLE))
        (seen,) = await school.photos_seen(1)
        school.database.unit = None  # type: ignore[assignment,method-assign] # no database could fail worse

        await learning.noted(seen.id, ShadowAnswer("candidate-1", "beagle", 0.9))
