"""The people who talk to the bot."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, union, update

from db.admin.console_sessions import Console
from db.chat.chat_records import ERASED, Holdings, UserRecord
from db.chat.inbox import ERASED as ERASED_UPDATE
from db.chat.photos import Photos
from db.learning.claim_status import Standing
from db.learning.reviews import Reviews
from db.repository import Repository, insert
from db.tables import PENDING, feedback_events, inbox, jobs, predictions, users

_ONE = select(users).where(users.c.id == bindparam("user_id"))
_FRESH = insert(users)
_CODE = func.coalesce(_FRESH.excluded.language_code, users.c.language_code)
_SEEN = _FRESH.on_conflict_do_update(
    index_elements=[users.c.id], set_={"seen_at": _FRESH.excluded.seen_at, "language_code": _CODE}
).returning(users)


class Users(Repository):
    """People by their Telegram id."""

    async def seen(self, user_id: int, language_code: str | None) -> UserRecord:
        """Note that this person is here now, for the first time or again. `language_code`: what Telegram says."""
        now = self._now()
        code = language_code[:16] if language_code else None
        them = {"id": user_id, "language_code": code, "created_at": now, "seen_at": now}
        [user] = await self._all(UserRecord, _SEEN, them)
        return user

    async def get(self, user_id: int) -> UserRecord | None:
        """One person, or None."""
        return await self._first(UserRecord, _ONE, {"user_id": user_id})

    async def set_language(self, user_id: int, language: str | None) -> None:
        """The language this person chose; None: follow Telegram again."""
        await self._execute(update(users).where(users.c.id == user_id).values(language=language))

    async def await_search(self, user_id: int, prediction_id: int | None) -> None:
        """Take this person's next text as a breed name for that prediction; None: for nothing any more."""
        this = update(users).where(users.c.id == user_id)
        await self._execute(this.values(awaiting_search_for=prediction_id, reviewing=None))

    async def await_review(self, user_id: int, event_id: int | None) -> None:
        """Take this moderator's next text as a breed name for that claim; None: for nothing any more."""
        this = update(users).where(users.c.id == user_id)
        await self._execute(this.values(awaiting_search_for=None, reviewing=event_id))

    async def set_wants_thanks(self, user_id: int, wanted: bool) -> None:
        """Whether this person likes to hear when their corrections became part of a model."""
        await self._execute(update(users).where(users.c.id == user_id).values(wants_thanks=wanted))

    async def count(self) -> int:
        """How many people there are."""
        return int(await self._value(select(func.count()).select_from(users)))

    async def holdings(self, user_id: int) -> Holdings | None:
        """How much is stored of a person; None for somebody unknown."""
        if await self.get(user_id) is None:
            return None
        photos = len(await self._photos_of(user_id))
        answers = select(func.count()).select_from(predictions).where(predictions.c.user_id == user_id)
        claims = select(func.count()).select_from(feedback_events).where(feedback_events.c.user_id == user_id)
        return Holdings(photos, int(await self._value(answers)), int(await self._value(claims)))

    async def forget(self, user_id: int) -> list[str]:
        """Delete all that is stored of a person, also what waits for an answer; of a ban the bare fact stays.

        Returns the SHA-256 of photos that nobody else sent: delete them from the photo store after the commit.
        """
        theirs = await self._photos_of(user_id)
        await self._execute(
            update(inbox)
            .where(inbox.c.chat_id == user_id, PENDING)
            .values(done_at=self._now(), error=None, **ERASED_UPDATE)
        )
        known = await self.get(user_id)
        await Standing(self._connection, self._now).withhold(user_id)
        await Console(self._connection, self._now).end_all(user_id)
        await Reviews(self._connection, self._now).forget_reviewer(user_id)
        await self._execute(delete(users).where(users.c.id == user_id))
        if known is not None and known.banned_at is not None:
            await self._ban(user_id, known.banned_at)
        photos = Photos(self._connection, self._now)
        return [sha256 for sha256 in theirs if await photos.drop_unused(sha256)]

    async def ban(self, user_id: int) -> bool:
        """Answer this person no more, known or not; whether that is new."""
        known = await self.get(user_id)
        if known is not None and known.banned_at is not None:
            return False
        await self._ban(user_id, self._now())
        return True

    async def unban(self, user_id: int) -> bool:
        """Answer them again; whether they were banned."""
        this = update(users).where(users.c.id == user_id, users.c.banned_at.is_not(None))
        return await self._run(this.values(banned_at=None)) > 0

    async def _ban(self, user_id: int, since: datetime) -> None:
        bare = insert(users).values(id=user_id, created_at=since, seen_at=since, banned_at=since)
        await self._execute(bare.on_conflict_do_update(index_elements=[users.c.id], set_={"banned_at": since}))

    async def _photos_of(self, user_id: int) -> list[str]:
        sent = select(jobs.c.photo_sha256).where(jobs.c.user_id == user_id)
        answered = select(predictions.c.photo_sha256).where(predictions.c.user_id == user_id)
        found = (await self._execute(union(sent, answered))).scalars()
        return [sha256 for sha256 in found if sha256 != ERASED]
