"""Answers: what the classifier said, with the features that a retrain learns from; and the outbox of what to say."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy import bindparam, delete, func, select, update

from db.chat.chat_records import JobRecord, JobStatus, NewPrediction, OutboxRecord, PredictionRecord
from db.repository import Repository, StageRows, StageTable, Values, chunks, insert
from db.tables import QUEUED, UNANSWERED, jobs, outbox, predictions

TOKEN_BYTES = 9  # 72 random bits = 12 URL-safe characters

_PREDICTED = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), QUEUED)
    .values(status=JobStatus.PREDICTED, predicted_at=bindparam("now"))
)
_DOGS = select(predictions).order_by(predictions.c.dog)
_DOGS_OF_JOB = _DOGS.where(predictions.c.job_id == bindparam("job"))
_STORE = insert(predictions).returning(predictions)
_ADD = insert(outbox).on_conflict_do_nothing()
_SAID = delete(outbox).where(outbox.c.id == bindparam("row"))


class Predictions(Repository):
    """Predictions by photo (its job) and dog, and by the token that their buttons carry."""

    async def add_all(self, job: JobRecord, dogs: Sequence[NewPrediction]) -> list[PredictionRecord]:
        """Store, one a dog, and set the job to predicted. A photo that has predictions keeps those: they are returned.

        A video is answered as one dog: of its frames, the first is stored. `job`: held in this unit (`Jobs.get`).
        """
        stored = [] if job.status is JobStatus.QUEUED else await self.dogs(job.id)
        if not stored:
            rows: list[Values] = [
                {
                    "job_id": job.id,
                    "token": secrets.token_urlsafe(TOKEN_BYTES),
                    "user_id": job.user_id,
                    "chat_id": job.chat_id,
                    "kind": new.kind,
                    "top": new.top,
                    "not_a_dog": float(new.not_a_dog),
                    "model_id": new.model_id,
                    "backbone_id": new.backbone_id,
                    "photo_sha256": job.photo_sha256,
                    "created_at": self._now(),
                    "dog": new.dog,
                    "box": new.box,
                    "features": new.features,
                }
                for new in (dogs if job.frame is None else dogs[:1])
            ]
            stored = sorted(await self._all(PredictionRecord, _STORE, rows), key=attrgetter("dog"))
        await self._execute(_PREDICTED, {"job": job.id, "now": self._now()})
        return stored

    async def get(self, prediction_id: int) -> PredictionRecord | None:
        """One prediction, or None."""
        return await self._first(PredictionRecord, select(predictions).where(predictions.c.id == prediction_id))

    async def by_token(self, token: str) -> PredictionRecord | None:
        """The prediction that a button names, or None."""
        return await self._first(PredictionRecord, select(predictions).where(predictions.c.token == token))

    async def dogs(self, job_id: int) -> list[PredictionRecord]:
        """The predictions of all dogs of a photo, in order."""
        return await self._all(PredictionRecord, _DOGS_OF_JOB, {"job": job_id})

    async def said_in(self, user_id: int, chat_id: int, message_id: int, *, since: datetime) -> PredictionRecord | None:
        """What this person was answered in that message: of several dogs one; None: it says nothing of theirs."""
        c = predictions.c
        theirs = c.user_id == user_id, c.chat_id == chat_id, c.answer_message_id == message_id, c.created_at >= since
        return await self._first(PredictionRecord, select(predictions).where(*theirs).order_by(c.id.desc()).limit(1))

    async def by_jobs(self, job_ids: Iterable[int]) -> dict[int, list[PredictionRecord]]:
        """The predictions of all dogs of these photos, in order, as far as they have any, by job id."""
        found: dict[int, list[PredictionRecord]] = defaultdict(list)
        for some in chunks(job_ids):
            for one in await self._all(PredictionRecord, _DOGS.where(predictions.c.job_id.in_(some))):
                found[one.job_id].append(one)
        return dict(found)

    async def features(self, prediction_ids: Iterable[int]) -> dict[int, tuple[str, bytes]]:
        """Backbone id and features (float16 [D] as bytes, little-endian) of those that are there; some KB each."""
        c = predictions.c
        found: dict[int, tuple[str, bytes]] = {}
        for some in chunks(prediction_ids):
            rows = await self._execute(select(c.id, c.backbone_id, c.features).where(c.id.in_(some)))
            found |= {row.id: (row.backbone_id, row.features) for row in rows}
        return found

    async def count(self) -> int:
        """How many predictions there are."""
        return int(await self._value(select(func.count()).select_from(predictions)))


class Outbox(StageRows[OutboxRecord]):
    """What is to be said, by id; in order within a chat. A row goes when its answer is out and noted."""

    stage = StageTable(outbox, outbox.c.id, outbox.c.chat_id, order=(outbox.c.id,))
    record = OutboxRecord

    async def add(self, job_id: int, chat_id: int, user_id: int, media_group_id: str | None = None) -> None:
        """This photo's answer, or that of its album, is to be said; once, however often it is added."""
        row: Values = {"job_id": job_id, "chat_id": chat_id, "user_id": user_id, "media_group_id": media_group_id}
        if await self._run(_ADD, row | {"created_at": self._now()}):
            await self.promote([chat_id])

    async def said(self, row_id: int, chat_id: int) -> int:
        """It is out. Returns: how many others are due by that: the next of its chat, if there is one."""
        await self._execute(_SAID, {"row": row_id})
        return await self.promote([chat_id])

    async def adopt(self) -> None:
        """Take up what has its result and is neither said nor here: a bot of an older version stored it."""
        here = select(outbox.c.id).where(outbox.c.job_id == jobs.c.id)
        unsaid = select(jobs.c.id, jobs.c.chat_id, jobs.c.user_id, jobs.c.created_at).where(
            UNANSWERED, jobs.c.media_group_id.is_(None), ~here.exists()
        )
        columns = ["job_id", "chat_id", "user_id", "created_at"]
        added = insert(outbox).from_select(columns, unsaid.order_by(jobs.c.id))
        await self._execute(added.on_conflict_do_nothing())
        await self.promote_all()
