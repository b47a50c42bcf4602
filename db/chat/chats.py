"""Groups, and how the bot is to behave in them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from db.repository import Repository, insert
from db.tables import chats


@dataclass(frozen=True, slots=True)
class ChatRecord:
    """A group for which something was set. `set_by`: who did; None once they are forgotten."""

    chat_id: int
    answers_all: bool
    set_by: int | None
    updated_at: datetime


class Chats(Repository):
    """Groups by their Telegram id; those where nobody has set anything are not stored."""

    async def get(self, chat_id: int) -> ChatRecord | None:
        """One group, or None."""
        return await self._first(ChatRecord, select(chats).where(chats.c.chat_id == chat_id))

    async def answers_all(self, chat_id: int) -> bool:
        """Whether an admin wants every photo answered here."""
        return bool(await self._value(select(chats.c.answers_all).where(chats.c.chat_id == chat_id)))

    async def set_answers_all(self, chat_id: int, wanted: bool, *, set_by: int | None) -> ChatRecord:
        """Turn that on or off. `set_by`: somebody who is stored in `users`, or None."""
        said = {"answers_all": wanted, "set_by": set_by, "updated_at": self._now()}
        fresh = insert(chats).values(chat_id=chat_id, **said)
        upsert = fresh.on_conflict_do_update(index_elements=[chats.c.chat_id], set_=said)
        [chat] = await self._all(ChatRecord, upsert.returning(chats))
        return chat
