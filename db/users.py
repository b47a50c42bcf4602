"""The people who talk to the bot."""

from sqlalchemy import delete, func, null, select, union, update

from db.records import UserRecord
from db.repository import Repository
from db.tables import PENDING, inbox, jobs, photos, predictions, users


class Users(Repository):
    """People by their Telegram id."""

    async def seen(self, user_id: int, language_code: str | None) -> UserRecord:
        """Note that this person is here now, for the first time or again. `language_code`: what Telegram says."""
        now = self._now()
        code = language_code[:16] if language_code else None
        fresh = self._insert(users).values(id=user_id, language_code=code, created_at=now, seen_at=now)
        known = {"seen_at": now, "language_code": func.coalesce(fresh.excluded.language_code, users.c.language_code)}
        upsert = fresh.on_conflict_do_update(index_elements=[users.c.id], set_=known)
        return await self._one(UserRecord, upsert.returning(users))

    async def get(self, user_id: int) -> UserRecord | None:
        """One person, or None."""
        return await self._first(UserRecord, select(users).where(users.c.id == user_id))

    async def set_language(self, user_id: int, language: str | None) -> None:
        """The language this person chose; None: follow Telegram again."""
        await self._run(update(users).where(users.c.id == user_id).values(language=language))

    async def await_search(self, user_id: int, prediction_id: int | None) -> None:
        """Take this person's next text as a breed name for that prediction; None: no longer."""
        await self._run(update(users).where(users.c.id == user_id).values(awaiting_search_for=prediction_id))

    async def count(self) -> int:
        """How many people there are."""
        return int(await self._value(select(func.count()).select_from(users)))

    async def forget(self, user_id: int) -> list[str]:
        """Delete all that is stored of a person, also what waits for an answer.

        Returns the SHA-256 of photos that nobody else sent: delete them from the photo store after the commit.
        """
        theirs = await self._photos_of(user_id)
        await self._run(
            update(inbox)
            .where(inbox.c.chat_id == user_id, PENDING)
            .values(done_at=self._now(), payload=null(), chat_id=None, error=None)
        )
        await self._run(delete(users).where(users.c.id == user_id))
        return [sha256 for sha256 in theirs if await self._drop_unused(sha256)]

    async def _photos_of(self, user_id: int) -> list[str]:
        sent = select(jobs.c.photo_sha256).where(jobs.c.user_id == user_id)
        answered = select(predictions.c.photo_sha256).where(predictions.c.user_id == user_id)
        return list((await self._execute(union(sent, answered))).scalars())

    async def _drop_unused(self, sha256: str) -> bool:
        used = select(jobs.c.id).where(jobs.c.photo_sha256 == sha256).exists()
        answered = select(predictions.c.id).where(predictions.c.photo_sha256 == sha256).exists()
        return await self._run(delete(photos).where(photos.c.sha256 == sha256, ~used, ~answered)) > 0
