"""Albums: photos that were sent together and get one answer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, select, update
from sqlalchemy.sql.elements import ColumnElement

from db.repository import Repository, insert
from db.tables import OPEN, UNANSWERED, albums, jobs


@dataclass(frozen=True, slots=True)
class AlbumRecord:
    """An album.

    Attributes:
        closed_at: when its answer was settled; None while photos or results may still come.
        next_try_at: when to look whether it is complete; None: when something comes.
    """

    chat_id: int
    media_group_id: str
    user_id: int
    answer_message_id: int | None
    created_at: datetime
    closed_at: datetime | None
    next_try_at: datetime | None = None
    tries: int = 0


class Albums(Repository):
    """Albums by chat and Telegram's media_group_id; their photos are jobs (`Jobs.of_album`)."""

    async def open(self, chat_id: int, media_group_id: str, user_id: int) -> AlbumRecord:
        """Store a new one; one that is there stays as it is, and is returned."""
        fresh = insert(albums).values(
            chat_id=chat_id, media_group_id=media_group_id, user_id=user_id, created_at=self._now()
        )
        await self._execute(fresh.on_conflict_do_nothing())
        [album] = await self._all(AlbumRecord, select(albums).where(*_is(chat_id, media_group_id)))
        return album

    async def get(self, chat_id: int, media_group_id: str) -> AlbumRecord | None:
        """One album, or None."""
        return await self._first(AlbumRecord, select(albums).where(*_is(chat_id, media_group_id)))

    async def due(self, limit: int) -> list[AlbumRecord]:
        """Albums to be looked at, longest first."""
        when = albums.c.next_try_at
        return await self._all(AlbumRecord, select(albums).where(OPEN, when <= self._now()).order_by(when).limit(limit))

    async def wake(self, chat_id: int, media_group_id: str) -> None:
        """Something came: it is open (again), and to be looked at."""
        await self._execute(_this(chat_id, media_group_id).values(next_try_at=self._now(), closed_at=None))

    async def adopt(self) -> None:
        """Look at those with an answer that nobody has heard: a bot of an older version stored it."""
        unsaid = select(jobs.c.id).where(
            UNANSWERED, jobs.c.chat_id == albums.c.chat_id, jobs.c.media_group_id == albums.c.media_group_id
        )
        asleep = update(albums).where(albums.c.next_try_at.is_(None), unsaid.exists())
        await self._execute(asleep.values(next_try_at=self._now(), closed_at=None))

    async def rest(self, chat_id: int, media_group_id: str, seen: datetime | None) -> None:
        """Not to be looked at before something comes, unless that has happened since its `next_try_at` was seen."""
        this = _this(chat_id, media_group_id).where(albums.c.next_try_at == seen)
        await self._execute(this.values(next_try_at=None))

    async def later(self, key: tuple[int, str], at: datetime, error: str, *, failed: bool) -> None:  # noqa: ARG002
        """To be looked at then. `key`: chat and media_group_id."""
        await self._execute(_this(*key).values(next_try_at=at))

    async def set_answer(self, chat_id: int, media_group_id: str, message_id: int | None) -> None:
        """The message that answers it."""
        await self._execute(_this(chat_id, media_group_id).values(answer_message_id=message_id))

    async def close(self, chat_id: int, media_group_id: str) -> bool:
        """Its answer is settled; whether it was open."""
        return await self._run(_this(chat_id, media_group_id).where(OPEN).values(closed_at=self._now())) > 0


def _this(chat_id: int, media_group_id: str) -> Update:
    return update(albums).where(*_is(chat_id, media_group_id))


def _is(chat_id: int, media_group_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return albums.c.chat_id == chat_id, albums.c.media_group_id == media_group_id
