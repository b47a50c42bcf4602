"""Who may use the web console: one-time links and the sessions they open. Only hashes of tokens are stored."""

from datetime import datetime

from sqlalchemy import Table, delete, select, update

from db.learning.learning_records import ConsoleSession
from db.repository import Repository, insert
from db.tables import console_links, console_sessions


class Console(Repository):
    """Links and sessions by the SHA-256 (hex) of their tokens."""

    async def add_link(self, token_hash: str, *, moderator_id: int, expires_at: datetime) -> None:
        """A link for one moderator; it takes the place of those that this one has not used."""
        unused = delete(console_links).where(
            console_links.c.moderator_id == moderator_id, console_links.c.used_at.is_(None)
        )
        await self._execute(unused)
        await self._execute(
            insert(console_links).values(
                token_hash=token_hash, moderator_id=moderator_id, created_at=self._now(), expires_at=expires_at
            )
        )

    async def use_link(self, token_hash: str) -> int | None:
        """Use a link up: whose it is, or None if it is unknown, used or expired. Of two at once one gets it."""
        now = self._now()
        this = update(console_links).where(
            console_links.c.token_hash == token_hash,
            console_links.c.used_at.is_(None),
            console_links.c.expires_at > now,
        )
        moderator: int | None = await self._value(this.values(used_at=now).returning(console_links.c.moderator_id))
        return moderator

    async def add_session(self, token_hash: str, *, moderator_id: int, csrf_hash: str, expires_at: datetime) -> None:
        """Log a moderator in until then."""
        await self._execute(
            insert(console_sessions).values(
                token_hash=token_hash,
                moderator_id=moderator_id,
                csrf_hash=csrf_hash,
                created_at=self._now(),
                expires_at=expires_at,
            )
        )

    async def session(self, token_hash: str) -> ConsoleSession | None:
        """The session of a cookie, or None if it is unknown or expired. Ask elsewhere if it still is a moderator."""
        valid = select(console_sessions).where(
            console_sessions.c.token_hash == token_hash, console_sessions.c.expires_at > self._now()
        )
        return await self._first(ConsoleSession, valid)

    async def end_session(self, token_hash: str) -> None:
        """Log out."""
        await self._execute(delete(console_sessions).where(console_sessions.c.token_hash == token_hash))

    async def end_all(self, moderator_id: int) -> None:
        """Log somebody out everywhere, and make their links void."""
        for table in (console_links, console_sessions):
            await self._execute(delete(table).where(table.c.moderator_id == moderator_id))

    async def prune(self) -> int:
        """Delete what has expired; how many rows."""
        return sum([await self._expired(table) for table in (console_links, console_sessions)])

    async def _expired(self, table: Table) -> int:
        return await self._run(delete(table).where(table.c.expires_at <= self._now()))
