"""A bot's share of the work beside others, held by leases in the database that run out by themselves.

Each bot has a lease that says it lives, and a fair share of the partitions; one has the duty to poll, and one to lead.
All are renewed in one transaction every few seconds. On a clock that only goes forward we reckon from the moment before
we asked, and less than the database does: when we can no longer be sure we say nothing, and go on when the leases turn
out to be ours still. Whoever gives a partition up first finishes what has begun there.
"""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.pipeline.partitions.fair_shares import BOT, POLLER, SCHEDULER, Plan, lease_of, partitions_of, plan
from bot.pipeline.partitions.ownership import Alone, Ownership, Tenant
from db.database import Database
from db.errors import DatabaseError
from db.partitions import Partitions, partition_of
from db.unit import Unit
from db.url import is_sqlite

BURIED_AFTER_S = 3600.0
END_S = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """Times of leases, in seconds.

    Attributes:
        ttl_s: how long a lease lasts.
        renew_s: how often it is renewed.
        again_s: how soon that is tried again when the database is away.
        safety_s: so long before the end nothing is begun that Telegram might hear of after it.
        calm_s: so long the database must have been there before leases that ran out are taken from others.
        handover_s: so long what has begun in a partition may take before it is given up all the same.
        busy_look_s: how often it is looked at meanwhile.
    """

    ttl_s: float = 10.0
    renew_s: float = 3.0
    again_s: float = 1.0
    safety_s: float = 2.0
    calm_s: float = 4.0
    handover_s: float = 5.0
    busy_look_s: float = 0.05


async def _nobody() -> None:
    """Nobody can be told."""


def ownership_on(
    database: Database, *, poller: bool, terms: Terms | None = None, tell: Callable[[], Awaitable[None]] = _nobody
) -> Ownership:
    """A share beside whoever else is on this database; on SQLite, where nobody else is, everything.

    Args:
        database: open.
        poller: there is no webhook, so that one of the bots has to poll.
        terms: of the leases.
        tell: has other bots look at the leases soon.
    """
    return Alone() if is_sqlite(database.url) else LeaseHolder(database, terms, poller=poller, tell=tell)


class LeaseHolder:
    """An `Ownership` by leases: `run` keeps it."""

    def __init__(
        self,
        database: Database,
        terms: Terms | None = None,
        *,
        poller: bool = True,
        tell: Callable[[], Awaitable[None]] = _nobody,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`poller`: one of the bots has to poll; `tell`: has other bots look at the leases soon."""
        self.holder = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._database = database
        self._terms = terms or Terms()
        self._poller = poller
        self._tell = tell
        self._clock = clock
        self._held: frozenset[str] = frozenset()
        self._fresh_until = -float("inf")
        self._well_since: float | None = None
        self._closing: dict[int, float] = {}  # partition → since when it is being handed over
        self._bots = 0
        self._retiring = False
        self._look = asyncio.Event()

    @property
    def partitions(self) -> Partitions:
        """What we work on; not what is being handed over."""
        return partitions_of(self._held) - self._closing.keys()

    @property
    def leads(self) -> bool:
        """Whether the duty to lead is surely ours."""
        return self._fresh and SCHEDULER in self._held and not self._retiring

    @property
    def polls(self) -> bool:
        """Whether the duty to poll is surely ours."""
        return self._fresh and POLLER in self._held and not self._retiring

    def owns(self, chat_id: int | None) -> bool:
        """Whether the chat's partition was ours when we looked last."""
        partition = partition_of(chat_id)
        return partition not in self._closing and lease_of(partition) in self._held

    def may(self, chat_id: int) -> bool:
        """Whether nobody else can have it yet; also while it is being handed over."""
        return self._fresh and lease_of(partition_of(chat_id)) in self._held

    def trouble(self) -> str | None:
        """Leases that could not be renewed."""
        return None if self._fresh else "its leases have run out: the database could not be asked"

    def look(self) -> None:
        """Somebody gave something back: look at once."""
        self._look.set()

    async def run(self, tenant: Tenant) -> None:
        """Take, renew and hand over until cancelled."""
        while True:
            asked_at = self._clock()
            try:
                await self._round(tenant, asked_at)
            except DatabaseError as error:
                log.warning("leases are not renewed: %s", error)
                self._well_since = None
                await self._pause(tenant, self._terms.again_s)
            else:
                await self._pause(tenant, self._terms.renew_s)

    def retire(self) -> None:
        """Hand everything over; see `Ownership.retire`. Where there is no other bot what is in hand is finished."""
        if self._bots > 1:
            self._retiring = True
            self._look.set()

    async def end(self) -> None:
        """Give back whatever is left, if the database is there."""
        self._held, self._retiring = frozenset(), True
        with suppress(DatabaseError, TimeoutError):
            async with asyncio.timeout(END_S), self._database.unit() as unit:
                await unit.leases.give_back(self.holder)
        await self._tell()

    @property
    def _fresh(self) -> bool:
        return self._clock() < self._fresh_until

    async def _round(self, tenant: Tenant, asked_at: float) -> None:
        calm = self._well_since is not None and asked_at - self._well_since >= self._terms.calm_s
        async with self._database.unit() as unit:
            held, next_ = await (self._hand_in(unit) if self._retiring else self._take(unit, calm=calm))
        if self._well_since is None:
            self._well_since = asked_at
        self._fresh_until = asked_at + self._terms.ttl_s - self._terms.safety_s
        self._settle(tenant, held, next_)

    async def _take(self, unit: Unit, *, calm: bool) -> tuple[frozenset[str], Plan]:
        held = await unit.leases.renew(self.holder, self._terms.ttl_s)
        held |= await unit.leases.take([BOT + self.holder], self.holder, self._terms.ttl_s)
        await unit.leases.bury(BOT, BURIED_AFTER_S)
        next_ = plan(self.holder, await unit.leases.all(), calm=calm, poller=self._poller)
        held |= await unit.leases.take(next_.take - held, self.holder, self._terms.ttl_s)
        return held, next_

    async def _hand_in(self, unit: Unit) -> tuple[frozenset[str], Plan]:
        """Who ends counts as a bot no more, so that the others take more at once."""
        held = await unit.leases.renew(self.holder, self._terms.ttl_s)
        mine = frozenset(map(lease_of, partitions_of(held)))
        await unit.leases.give_back(self.holder, held - mine)
        return mine, Plan(max(1, self._bots), frozenset(), partitions_of(mine))

    def _settle(self, tenant: Tenant, held: frozenset[str], next_: Plan) -> None:
        before, now = partitions_of(self._held), partitions_of(held)
        self._held = held
        for gone in self._closing.keys() - now:
            del self._closing[gone]
        if lost := before - now:
            log.warning("partitions %s went to other bots", sorted(lost))
            tenant.lost(lost)
        if closing := (next_.release & now) - self._closing.keys():
            self._closing |= dict.fromkeys(closing, self._clock())
            tenant.lost(closing)
        if gained := now - before - self._closing.keys():
            log.info("partitions %s are ours, %s bots", sorted(gained), next_.bots)
            tenant.gained(gained)
        if next_.bots != self._bots:
            self._bots = next_.bots
            tenant.divided(next_.bots)

    async def _pause(self, tenant: Tenant, pause_s: float) -> None:
        """Until the next round; what is handed over goes as soon as nothing there is under way."""
        end = self._clock() + pause_s
        while (left_s := end - self._clock()) > 0 and not self._look.is_set():
            try:
                await self._hand_over(tenant)
            except DatabaseError as error:
                log.warning("leases are not given back: %s", error)
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left_s, self._terms.busy_look_s) if self._closing else left_s):
                    await self._look.wait()
        self._look.clear()

    async def _hand_over(self, tenant: Tenant) -> None:
        late = self._clock() - self._terms.handover_s
        done = [one for one, since in self._closing.items() if since < late or not tenant.busy(one)]
        if not done:
            return
        names = frozenset(map(lease_of, done))
        self._held -= names  # first: from here on we say nothing there
        async with self._database.unit() as unit:
            await unit.leases.give_back(self.holder, names)
        for one in done:
            del self._closing[one]
        log.info("partitions %s were handed over", sorted(done))
        await self._tell()
