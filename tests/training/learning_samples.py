"""A database with a clock that one sets, a store with candidates, and people who judge answers."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_file import write_migrated
from stage import BEAGLE
from stored import predict

from core.claim import Decision, Verdict
from core.prediction import Kind
from db.chat.chat_records import Consent, NewPrediction, PredictionRecord
from db.database import Database
from db.learning.learning_records import RetrainRecord, RetrainStatus, RetrainTrigger
from db.unit import Unit
from inference.model.artefact import MANIFEST
from inference.store.folder_store import SHIPPED, ModelStore
from training.learning.promotion.registry import Registry

SHIPPED_MODEL = ModelStore(Path("nowhere")).pointer().model


class SetClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def add_candidate(store: ModelStore, model: str) -> Path:
    """The head that ships, under another name."""
    folder = store.root / "heads" / model
    shutil.copytree(SHIPPED / "heads" / SHIPPED_MODEL, folder)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "model": model}))
    return folder


@dataclass
class School:
    """What the learning loop works on, with the shipped model as the champion."""

    database: Database
    store: ModelStore
    clock: SetClock
    registry: Registry = field(init=False)
    photos: int = 0

    def __post_init__(self) -> None:
        self.registry = Registry(self.database, self.store)

    async def candidate(self, model: str = "candidate-1", *, champion: str = SHIPPED_MODEL) -> RetrainRecord:
        """As a retrain leaves it: a head, the shadow pointer, a row."""
        add_candidate(self.store, model)
        self.store.set_shadow(model)
        return await self.on_trial(model, champion=champion)

    async def on_trial(self, model: str, *, champion: str = SHIPPED_MODEL) -> RetrainRecord:
        async with self.database.unit() as unit:
            row = await unit.retrains.start(RetrainTrigger.CORRECTIONS, champion, pid=1)
            return await unit.retrains.finish(row.id, RetrainStatus.SHADOW, model_id=model, evidence_count=1)

    async def answer(self, unit: Unit, model: str, user_id: int) -> PredictionRecord:
        """One more photo of this person, answered "beagle"."""
        self.photos += 1
        await unit.users.seen(user_id, "en")
        await unit.consents.set(user_id, Consent.YES)
        sha256 = f"{self.photos:064x}"
        await unit.photos.add(sha256, size_bytes=1, mime="image/jpeg", width=1, height=1)
        job = await unit.jobs.add(photo_sha256=sha256, user_id=user_id, chat_id=user_id, message_id=1, update_id=None)
        top = BEAGLE.top
        return await predict(unit, job.id, NewPrediction(Kind.BREED, top, 0.01, model, "bones", b"\0" * 4096))

    async def photos_seen(self, photos: int, *, user_id: int = 1) -> list[PredictionRecord]:
        """So many photos that the shipped model took for beagles."""
        async with self.database.unit() as unit:
            return [await self.answer(unit, SHIPPED_MODEL, user_id) for _ in range(photos)]

    async def judged(self, model: str, wrong: list[bool], *, user_id: int | None = None) -> None:
        """An opinion each, by a person each (or all by one), within a second."""
        async with self.database.unit() as unit:
            for number, one in enumerate(wrong):
                person = 1000 + number if user_id is None else user_id
                answer = await self.answer(unit, model, person)
                verdict = Verdict.NOT_A_DOG if one else Verdict.CONFIRM
                await unit.feedback.append(prediction_id=answer.id, user_id=person, verdict=verdict)
        self.clock.forward(seconds=1)

    async def accepted_correction(self, user_id: int) -> int:
        """A claim that a moderator has accepted. Returns: its id."""
        async with self.database.unit() as unit:
            answer = await self.answer(unit, SHIPPED_MODEL, user_id)
            claim = await unit.feedback.append(
                prediction_id=answer.id, user_id=user_id, verdict=Verdict.CORRECT, breed="pug"
            )
            await unit.reviews.add(feedback_event_id=claim.id, decision=Decision.ACCEPTED, reviewer="moderator:1")
            return claim.id

    async def row(self, model: str = "candidate-1") -> RetrainRecord:
        async with self.database.unit(read_only=True) as unit:
            found = await unit.retrains.get(model)
        assert found is not None
        return found

    async def registered_champion(self) -> str | None:
        async with self.database.unit(read_only=True) as unit:
            champion = await unit.model_versions.champion()
        return None if champion is None else champion.model_id


@asynccontextmanager
async def school_in(folder: Path) -> AsyncIterator[School]:
    """A school that has noted who answers."""
    clock = SetClock()
    database = await Database.open(write_migrated(folder / "bot.db"), clock=clock)
    try:
        school = School(database, ModelStore(folder / "models"), clock)
        await school.registry.follow()
        clock.forward(days=1)
        yield school
    finally:
        await database.close()
