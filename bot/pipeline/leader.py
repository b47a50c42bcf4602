"""Which one of the bots works: the holder of one lease in the database. The others take updates in and stand by.

The lease lasts some seconds by the database's clock. Its holder reckons less, from the moment before it asked, and so
has stopped speaking before another one can begin (Gray & Cheriton, "Leases", SOSP 1989). An outage of the database
moves nothing: a lease that ran out and went to nobody is still its holder's, and others take it only when they have
had the database for a while. On SQLite there is one bot, which the lock of its folder says: it takes the lease at
once.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from bot.term import Term
from db.database import Database
from db.errors import DatabaseError
from db.url import is_sqlite
from inference.queue.protocol import QueueError

LEASE = "leader"
OLDER = "bot/"  # leases of bots of an older version, which shared the chats
END_S = 2.0

LOOK = "look"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """In seconds.

    Attributes:
        lease_s: how long a lease lasts.
        term_s: how long after it was asked for its holder speaks.
        renew_s: how often it is renewed; `again_s`: and how soon again when that failed.
        look_s: how often the others look.
        calm_s: so long the database must have been there before a lease that ran out is taken from its holder.
    """

    lease_s: float = 7.0
    term_s: float = 5.0
    renew_s: float = 2.0
    again_s: float = 0.5
    look_s: float = 1.0
    calm_s: float = 4.0


class Leader:
    """`run` waits for the lease and leads for as long as it holds it.

    Args:
        database: open.
        term: ends and is renewed with it.
        times: of the lease.
    """

    def __init__(self, database: Database, term: Term, times: LeaseTimes | None = None) -> None:
        self.holder = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._database = database
        self._alone = is_sqlite(database.url)
        self._term = term
        self._times = times or LeaseTimes()
        self._leads = self._looked = False
        self._well_since: float | None = None
        self._older = ""

    @property
    def holds(self) -> bool:
        """Whether the lease was ours when we looked last."""
        return self._leads

    @property
    def leads(self) -> bool:
        """Whether we surely do."""
        return self._leads and self._term.left_s > 0

    def trouble(self) -> str | None:
        """A lease that could not be renewed, or not looked at yet."""
        if not self._looked:
            return "has not found out who leads yet"
        return "its lease has run out: the database could not be asked" if self._leads and not self.leads else None

    async def run(self, lead: Callable[[bool], Awaitable[None]]) -> None:
        """Lead whenever the lease is ours, until `lead` returns by itself: then it is given back.

        Args:
            lead: does all the work; cancelled when the lease is lost. Is told whether whoever led before was cut off.
        """
        while True:
            cut_off = await self._taken()
            log.info("we lead from now on")
            self._leads = True
            try:
                if await self._lead(lead, cut_off=cut_off):
                    return
            finally:
                self._leads = False
                self._term.end()
            log.error("the lease went to another bot; everything is left to it")

    async def _lead(self, lead: Callable[[bool], Awaitable[None]], *, cut_off: bool) -> bool:
        """Returns: whether `lead` came to its end; False: the lease is lost."""
        leading, renewing = asyncio.ensure_future(lead(cut_off)), asyncio.ensure_future(self._renew())
        try:
            await asyncio.wait((leading, renewing), return_when=asyncio.FIRST_COMPLETED)
            ended = leading.done()
        finally:
            for task in (leading, renewing):
                task.cancel()
            await asyncio.wait((leading, renewing))
        if ended:
            await self._give_back()
            leading.result()
        return ended

    async def _taken(self) -> bool:
        """Wait for the lease. Returns: whether it ran out on somebody."""
        while True:
            asked_at = self._term.now()
            try:
                cut_off = await self._take(asked_at)
            except DatabaseError as error:
                log.warning("nobody can say who leads: %s", error)
                self._well_since = None
            else:
                self._looked = True
                self._well_since = asked_at if self._well_since is None else self._well_since
                if cut_off is not None:
                    self._term.renew(asked_at + self._times.term_s)
                    return cut_off
            await asyncio.sleep(self._times.look_s)

    async def _take(self, asked_at: float) -> bool | None:
        """Returns: None = it is not ours."""
        calm = self._well_since is not None and asked_at - self._well_since >= self._times.calm_s
        async with self._database.unit() as unit:
            leases = {one.name: one for one in await unit.leases.all()}
            if self._older_bot([one.holder for one in leases.values() if one.name.startswith(OLDER) and one.valid]):
                return None
            before = leases.get(LEASE)
            if before is not None and not self._alone and (before.valid or not calm):
                return None
            if self._alone and before is not None:
                await unit.leases.give_back(before.holder)
            mine = await unit.leases.take([LEASE], self.holder, self._times.lease_s)
            return before is not None if mine else None

    def _older_bot(self, holders: list[str]) -> bool:
        older = ", ".join(holders)
        if older and older != self._older:
            log.warning(
                "bots of an older version still work on this database (%s): stop them, they are waited for", older
            )
        self._older = older
        return bool(older)

    async def _renew(self) -> None:
        """Until the lease is lost."""
        while True:
            await asyncio.sleep(self._times.renew_s if self._term.left_s > 0 else self._times.again_s)
            asked_at = self._term.now()
            try:
                async with self._database.unit() as unit:
                    kept = LEASE in await unit.leases.renew(self.holder, self._times.lease_s)
            except DatabaseError as error:
                log.warning("the lease is not renewed: %s", error)
                continue
            if not kept:
                return
            self._term.renew(asked_at + self._times.term_s)

    async def _give_back(self) -> None:
        with suppress(DatabaseError, TimeoutError):
            async with asyncio.timeout(END_S), self._database.unit() as unit:
                await unit.leases.give_back(self.holder)


class Link(Protocol):
    """What `inference.queue.nats.connection.NatsLink` can do."""

    async def tell(self, subject: str, payload: bytes = b"") -> None:
        """Say something to whoever listens. Raises QueueError."""

    async def listen(self, subject: str, hear: Callable[[Any], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Hear what is said there, until what is returned is called."""


class Looks:
    """By core NATS: what one bot stored, the leader finds a second sooner. Nothing depends on it."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def say(self) -> None:
        """There is something new. Raises nothing."""
        try:
            await self._link.tell(LOOK)
        except QueueError as error:
            log.info("the leader is not told, and looks by itself: %s", error)

    async def run(self, look: Callable[[], None]) -> None:
        """Look whenever somebody says so, until cancelled."""

        async def hear(_: object) -> None:
            look()

        end = await self._link.listen(LOOK, hear)
        try:
            await asyncio.Event().wait()
        finally:
            await end()
