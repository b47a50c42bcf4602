"""Photos that must be answered, and how far they are."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from db.chat.chat_records import Consent, JobRecord, JobStatus, PhotoForm
from db.errors import RowMissing
from db.repository import StageRows, StageTable, Values, insert
from db.tables import HINT_LENGTH, IN_AN_ALBUM, QUEUED, UNANSWERED, jobs, predictions, users

KEPT_UNCONSENTED = timedelta(hours=1)  # after the answer: time to correct it, and to be asked for consent

_ADD = insert(jobs).on_conflict_do_nothing(index_elements=["update_id"]).returning(jobs)
_ONE = select(jobs).where(jobs.c.id == bindparam("job_id"))
_HELD = _ONE.with_for_update()
_OF_UPDATE = select(jobs).where(jobs.c.update_id == bindparam("update_id"))
_TOLD = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), UNANSWERED)
    .values(answered_at=bindparam("now"), answer_message_id=bindparam("message"), erase_at=bindparam("erase"))
)
_TOLD_OF_FAILURE = _TOLD.where(jobs.c.status == JobStatus.FAILED)
_TOLD_OF_BREED = _TOLD.values(status=JobStatus.ANSWERED)
_SHOWN = (
    update(predictions).where(predictions.c.job_id == bindparam("job")).values(answer_message_id=bindparam("message"))
)
_CONSENT = (
    select(users.c.consent)
    .join(jobs, jobs.c.user_id == users.c.id)
    .where(jobs.c.id == bindparam("job"))
    .with_for_update(of=users, read=True)
)


class Jobs(StageRows[JobRecord]):
    """Jobs by id; an update makes at most one. While one is queued it is due, or submitted and due again later."""

    stage = StageTable(jobs, jobs.c.id, jobs.c.id, QUEUED)
    record = JobRecord

    async def add(
        self,
        *,
        photo_sha256: str,
        user_id: int,
        chat_id: int,
        message_id: int,
        update_id: int | None = None,
        progress_message_id: int | None = None,
        media_group_id: str | None = None,
        caption_hint: str | None = None,
        form: PhotoForm = PhotoForm.PHOTO,
        frame: int | None = None,
        thread_id: int | None = None,
        guest_query_id: str | None = None,
    ) -> JobRecord:
        """A new queued job, or the one that this update made before. Photo and user must be stored already.

        Of several frames of one update the first alone names the update. A longer caption is cut to 100 characters.
        """
        this: Values = {
            "photo_sha256": photo_sha256,
            "user_id": user_id,
            "chat_id": chat_id,
            "message_id": message_id,
            "update_id": update_id,
            "progress_message_id": progress_message_id,
            "media_group_id": media_group_id,
            "caption_hint": caption_hint[:HINT_LENGTH] if caption_hint else None,
            "form": form,
            "frame": frame,
            "thread_id": thread_id,
            "guest_query_id": guest_query_id,
            "created_at": self._now(),
            "next_try_at": self._now(),
        }
        job = await self._first(JobRecord, _ADD, this)
        if job is None:
            job = await self._first(JobRecord, _OF_UPDATE, {"update_id": update_id})
        if job is None:
            raise RowMissing(f"the job of update {update_id} vanished while it was added")
        return job

    async def get(self, job_id: int, *, hold: bool = False) -> JobRecord | None:
        """One job; None: its user may have been forgotten. `hold`: nobody else changes it until the unit ends."""
        return await self._first(JobRecord, _HELD if hold else _ONE, {"job_id": job_id})

    async def by_update(self, update_id: int) -> JobRecord | None:
        """The job that this update made, or None."""
        return await self._first(JobRecord, _OF_UPDATE, {"update_id": update_id})

    async def by_message(self, chat_id: int, message_id: int) -> JobRecord | None:
        """The job of a photo that was sent in this message, or None."""
        theirs = select(jobs).where(jobs.c.chat_id == chat_id, jobs.c.message_id == message_id)
        return await self._first(JobRecord, theirs.order_by(jobs.c.id).limit(1))

    async def of_album(self, chat_id: int, media_group_id: str) -> list[JobRecord]:
        """The photos of an album, in the order of their messages."""
        theirs = select(jobs).where(IN_AN_ALBUM, jobs.c.chat_id == chat_id, jobs.c.media_group_id == media_group_id)
        return await self._all(JobRecord, theirs.order_by(jobs.c.message_id, jobs.c.id))

    async def last_of_user(self, user_id: int, limit: int, *, without: str | None = None) -> list[datetime]:
        """When this person's last photos came, newest first; `without` those of this failure."""
        return await self._last(jobs.c.user_id == user_id, limit, without)

    async def last_of_chat(self, chat_id: int, limit: int, *, without: str | None = None) -> list[datetime]:
        """When the last photos of this chat came, newest first; `without` those of this failure."""
        return await self._last(jobs.c.chat_id == chat_id, limit, without)

    async def submitted(self, job_ids: Sequence[int], again_at: datetime) -> None:
        """These few are in the queue; where nothing is heard of them they are submitted again then."""
        handed = {"submitted_at": self._now(), "next_try_at": again_at, "error": None}
        await self._execute(update(jobs).where(QUEUED, jobs.c.id.in_(job_ids)).values(handed))

    async def submit_again(self) -> int:
        """Whatever was submitted is due again: the queue of the process that did so may be gone with it."""
        submitted = update(jobs).where(QUEUED, jobs.c.submitted_at.is_not(None))
        return await self._run(submitted.values(submitted_at=None, next_try_at=self._now()))

    async def adopt(self) -> None:
        """Take up what a bot of an older version stored, which knows no due times."""
        asleep = update(jobs).where(QUEUED, jobs.c.next_try_at.is_(None))
        await self._execute(asleep.values(next_try_at=self._now()))

    async def set_progress_message(self, job_id: int, message_id: int | None) -> None:
        """The message that says "looking at it", to be replaced by the answer."""
        await self._execute(update(jobs).where(jobs.c.id == job_id).values(progress_message_id=message_id))

    async def set_remarks(self, job_id: int, remarks: Sequence[str]) -> None:
        """What is wrong with the photo."""
        await self._execute(update(jobs).where(jobs.c.id == job_id).values(remarks=list(remarks)))

    async def set_inline_message(self, job: JobRecord, inline_message_id: str) -> None:
        """What answers, or will answer, a guest: of a video each frame knows it."""
        theirs = jobs.c.user_id == job.user_id, jobs.c.guest_query_id == job.guest_query_id
        await self._execute(update(jobs).where(*theirs).values(inline_message_id=inline_message_id))

    async def set_failed(self, job_id: int, failure: str) -> None:
        """No prediction will come, and why. A job that has one already keeps it."""
        values = {"status": JobStatus.FAILED, "failure": failure}
        await self._execute(update(jobs).where(jobs.c.id == job_id, QUEUED).values(values))

    async def set_album_dog(self, job_ids: Iterable[int], dog: int) -> None:
        """These photos of one album or video show one dog; `dog`: its number there."""
        await self._execute(update(jobs).where(jobs.c.id.in_(list(job_ids))).values(album_dog=dog))

    async def set_answered(self, job_id: int, message_id: int | None) -> None:
        """The user was told, in that message. A failed job stays `failed`, and is no longer unanswered.

        From now on its photo stays if its sender consents, else for an hour; one that failed can go at once.
        """
        now = self._now()
        told: Values = {"job": job_id, "now": now, "message": message_id, "erase": now}
        if await self._run(_TOLD_OF_FAILURE, told):
            return
        # Locked: a word about it that is being noted just now is waited for, or waits and finds this answer.
        may_stay = await self._value(_CONSENT, {"job": job_id}) == Consent.YES
        erase_at = None if may_stay else now + KEPT_UNCONSENTED
        if await self._run(_TOLD_OF_BREED, told | {"erase": erase_at}):
            await self._execute(_SHOWN, {"job": job_id, "message": message_id})

    async def shown_again(self, job_id: int, message_id: int) -> None:
        """Its answer stands in another message from now on."""
        await self._execute(_SHOWN, {"job": job_id, "message": message_id})

    async def newest_id(self) -> int:
        """Of all jobs; 0: there are none."""
        return int(await self._value(select(func.max(jobs.c.id))) or 0)

    async def count_unanswered(self) -> int:
        """How many answers wait to be sent."""
        return int(await self._value(select(func.count()).select_from(jobs).where(UNANSWERED)))

    async def oldest_queued_at(self) -> datetime | None:
        """Since when the oldest queued job waits; None: none does."""
        since: datetime | None = await self._value(select(func.min(jobs.c.created_at)).where(QUEUED))
        return since

    async def _last(self, whose: ColumnElement[bool], limit: int, without: str | None) -> list[datetime]:
        times = select(jobs.c.created_at).where(whose)
        if without is not None:
            times = times.where(func.coalesce(jobs.c.failure, "") != without)
        return list((await self._execute(times.order_by(jobs.c.id.desc()).limit(limit))).scalars())
