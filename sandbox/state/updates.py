"""Updates waiting for the bot: kept until confirmed by an offset, or by the webhook's 2xx."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.api.errors import Conflict
from sandbox.state.database import Database

# Telegram sends these only to bots that ask for them: https://core.telegram.org/bots/api#getupdates
_ONLY_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_FIRST_UPDATE_ID = 10**12 + 1  # far from Telegram's own, so that one database may see both
_KEEP = 100_000


@dataclass(slots=True, eq=False)
class _Poll:
    """One getUpdates in progress."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    superseded: bool = False


class Updates:
    """The queue, for one poller or one webhook."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._poll: _Poll | None = None
        self.arrived = asyncio.Event()  # for the webhook sender
        self.webhook_changed = asyncio.Event()

    def add(self, kind: str, payload: dict[str, Any]) -> int | None:
        """Queues {"update_id": …, kind: payload}; None when the bot does not want this kind."""
        if not self._wanted(kind):
            return None
        with self._database.transaction():
            update_id = self._database.next_number("update_id", _FIRST_UPDATE_ID)
            update = {"update_id": update_id, kind: payload}
            self._database.execute("INSERT INTO updates VALUES (?, ?)", update_id, json.dumps(update))
            self._database.execute("DELETE FROM updates WHERE update_id <= ?", update_id - _KEEP)
        self._wake()
        return update_id

    def allow(self, kinds: list[str] | None) -> None:
        """Remembers allowed_updates; None leaves it as it is, an empty list means the default."""
        if kinds is not None:
            self._database.set_value("allowed_updates", kinds)

    def allowed(self) -> list[str]:
        """Empty = the default."""
        kinds: list[str] = self._database.value("allowed_updates", [])
        return kinds

    def pending(self, limit: int) -> list[dict[str, Any]]:
        """The oldest ones, in order."""
        rows = self._database.rows("SELECT payload FROM updates ORDER BY update_id LIMIT ?", limit)
        return [json.loads(row["payload"]) for row in rows]

    def count(self) -> int:
        """How many are not confirmed."""
        row = self._database.row("SELECT COUNT(*) AS n FROM updates")
        return int(row["n"]) if row else 0

    def confirm(self, below: int) -> None:
        """Forgets the updates with ids below this."""
        self._database.execute("DELETE FROM updates WHERE update_id < ?", below)

    def keep_newest(self, keep: int) -> None:
        """Forgets all but the newest `keep` (a negative offset, or drop_pending_updates with 0)."""
        self._database.execute(
            "DELETE FROM updates WHERE update_id NOT IN "
            "(SELECT update_id FROM updates ORDER BY update_id DESC LIMIT ?)",
            keep,
        )

    async def poll(self, offset: int, limit: int, timeout_s: float) -> list[dict[str, Any]]:
        """Long poll. Raises Conflict in the call that was waiting when a new one comes."""
        if self._poll is not None:
            self._poll.superseded = True
            self._poll.wake.set()
        self._poll = poll = _Poll()
        try:
            if offset > 0:
                self.confirm(offset)
            elif offset < 0:
                self.keep_newest(-offset)
            if not self.count() and timeout_s > 0:
                await _wait(poll.wake, timeout_s)
        finally:
            if self._poll is poll:
                self._poll = None
        if poll.superseded:
            raise Conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
        return self.pending(limit)

    def interrupt(self) -> None:
        """Lets everybody who waits look again: the server stops, or the webhook was changed."""
        self.webhook_changed.set()
        self._wake()

    def _wake(self) -> None:
        self.arrived.set()
        if self._poll is not None:
            self._poll.wake.set()

    def _wanted(self, kind: str) -> bool:
        allowed = self.allowed()
        return kind in allowed if allowed else kind not in _ONLY_ON_REQUEST


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), timeout_s)
    except TimeoutError:
        return
