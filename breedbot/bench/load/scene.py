"""What every measurement of a whole bot needs: a Bot API server, people, a bot of its own process, its database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from sqlalchemy import text

from breedbot.bench.load.crowd import Crowd
from breedbot.bench.load.ledger import Ledger
from breedbot.bench.load.life import Life
from db.database import Database
from db.url import sqlite_url
from sandbox import ChatMessage, LocalChat

LOOK_S = 0.1
_JOBS = text("SELECT COUNT(*) FROM jobs")
_FAILURES = text("SELECT failure, COUNT(*) FROM jobs WHERE failure IS NOT NULL GROUP BY failure")


@dataclass(slots=True)
class Scene:
    """The bot is not started yet. `settings`: what it is given; for more bots."""

    chat: LocalChat
    crowd: Crowd
    ledger: Ledger
    bot: Life
    database_url: str
    settings: dict[str, str]

    async def all_heard(self, patience_s: float) -> float:
        """Wait until every photo has its final reply. Returns: seconds that it took, or waited in vain."""
        return await _until(lambda: not self.ledger.silent, patience_s)

    async def heard(self, photo: ChatMessage, patience_s: float) -> float:
        """The same for one photo. Raises: LifeEnded."""
        self.bot.check()
        key = photo.chat_id, photo.message_id
        took_s = await _until(lambda: key in self.ledger.heard, patience_s)
        self.bot.check()
        return took_s

    async def settled(self, patience_s: float) -> float:
        """Wait until nothing is left to do, by the bot's own books. Returns as `all_heard`. Raises: LifeEnded."""
        began = monotonic()
        database = await Database.open(self.database_url)
        try:
            while await self._left(database) and monotonic() - began < patience_s:
                self.bot.check()
                await asyncio.sleep(LOOK_S)
        finally:
            await database.close()
        return monotonic() - began

    async def jobs(self, database: Database) -> int:
        """Photos that the bot has taken in, answered or not."""
        async with database.unit(read_only=True) as unit:
            return int((await unit.connection.execute(_JOBS)).scalar_one())

    async def stored(self) -> int:
        """Photos that have a prediction."""
        database = await Database.open(self.database_url)
        try:
            async with database.unit(read_only=True) as unit:
                return await unit.predictions.count()
        finally:
            await database.close()

    async def failures(self) -> dict[str, int]:
        """Photos that have no answer, by reason, as the bot has it in its books."""
        database = await Database.open(self.database_url)
        try:
            async with database.unit(read_only=True) as unit:
                return {row[0]: row[1] for row in await unit.connection.execute(_FAILURES)}
        finally:
            await database.close()

    async def _left(self, database: Database) -> int:
        async with database.unit(read_only=True) as unit:
            updates, queued = await unit.inbox.count_pending(), await unit.jobs.count_pending()
            return self.chat.pending_updates() + updates + queued + await unit.jobs.count_unanswered()


async def _until(holds: Callable[[], bool], patience_s: float) -> float:
    began = monotonic()
    while not holds() and monotonic() - began < patience_s:  # noqa: ASYNC110 - nobody tells a ledger
        await asyncio.sleep(LOOK_S)
    return monotonic() - began


@asynccontextmanager
async def scene(
    folder: Path, command: Sequence[str], people: int, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Scene]:
    """`command`: the bot's; `settings`: more of them, without prefix. At the end the bot is stopped."""
    ledger = Ledger()
    async with LocalChat.running(folder / "chat") as chat:
        given = {
            "TELEGRAM_API": chat.url,
            "TELEGRAM_TOKEN": chat.token,
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": sqlite_url(folder / "data" / "bot.sqlite3"),
            "HTTP_PORT": "0",
            "LOG_FORMAT": "json",
        } | dict(settings or {})
        made = Scene(
            chat, Crowd(chat, people, ledger), ledger, Life(command, given, folder), given["DATABASE_URL"], given
        )
        try:
            with made.crowd.listening():
                yield made
        finally:
            await made.bot.stop()
