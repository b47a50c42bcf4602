"""Our share of the work beside other bots: what becomes ours is taken up from the database, the rest let go."""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress

from bot.conversation.photo.fair_use import FairUse
from bot.pipeline.inbox import InboxStage
from bot.pipeline.outbox import Outbox
from bot.pipeline.partitions.ownership import Ownership
from bot.pipeline.submit import Submitter
from bot.pipeline.waiting_notice import WaitingNotices
from bot.telegram.sender import Sender
from db.database import Database
from db.errors import DatabaseError
from db.partitions import Partitions

AGAIN_S = 0.5

log = logging.getLogger(__name__)


class Share:
    """The `Tenant` of an `Ownership`, and who is `Heard` by wakes: it passes both on to what works on chats."""

    def __init__(
        self,
        database: Database,
        inbox: InboxStage,
        outbox: Outbox,
        submitter: Submitter,
        waiting_notices: WaitingNotices,
        fair_use: FairUse,
        sender: Sender,
        ownership: Ownership,
    ) -> None:
        self._database = database
        self._inbox = inbox
        self._outbox = outbox
        self._submitter = submitter
        self._waiting_notices = waiting_notices
        self._fair_use = fair_use
        self._sender = sender
        self._ownership = ownership
        self._new: set[int] = set()
        self._changed = asyncio.Event()
        self._sweep = asyncio.Event()

    async def run(self) -> None:
        """Take up what is pending in partitions that became ours, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            new, self._new = frozenset(self._new), set()  # what is lost and ours again meanwhile is taken up again
            try:
                await self._take_over(new)
            except DatabaseError as error:
                log.warning("what waits in partitions %s is taken up later: %s", sorted(new), error)
                self._new |= new & self._ownership.partitions
                self._changed.set()
                await asyncio.sleep(AGAIN_S)

    async def take_up(self) -> None:
        """Put every unfinished job before the worker, and every unsent answer before delivery; twice is once."""
        await self._take_up(self._ownership.partitions)

    async def sweep_due(self, every_s: float) -> None:
        """Wait until it is time to look for what slipped out of our hands, or something may have been missed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(every_s):
                await self._sweep.wait()
        self._sweep.clear()

    def gained(self, partitions: Partitions) -> None:
        """See `Tenant`."""
        self._fair_use.forget()
        self._new |= partitions
        self._changed.set()

    def lost(self, partitions: Partitions) -> None:
        """See `Tenant`."""
        self._new -= partitions
        self._inbox.lose(partitions)
        self._submitter.lose(partitions)
        self._outbox.lose(partitions)
        self._waiting_notices.lose(partitions)

    def busy(self, partition: int) -> bool:
        """See `Tenant`."""
        return self._inbox.busy(partition) or self._outbox.busy(partition)

    def divided(self, bots: int) -> None:
        """See `Tenant`."""
        self._sender.divide(bots)
        self._submitter.divide(bots)

    async def updates(self, update_ids: Collection[int]) -> None:
        """See `Heard`."""
        await self._inbox.fetch(update_ids)

    async def answers(self, job_ids: Collection[int]) -> None:
        """See `Heard`."""
        await self._outbox.fetch(job_ids)

    def owns_partition(self, partition: int) -> bool:
        """See `Heard`."""
        return partition in self._ownership.partitions

    def missed(self) -> None:
        """See `Heard`."""
        self._sweep.set()

    def leases(self) -> None:
        """See `Heard`."""
        self._ownership.look()

    async def _take_over(self, partitions: Partitions) -> None:
        """Updates first: photos that are on their way belong into the answers of their albums."""
        self._outbox.albums.begin()
        log.info("%s updates were left in partitions that became ours", await self._inbox.load(partitions))
        await self._take_up(partitions)

    async def _take_up(self, partitions: Partitions) -> None:
        photos = await self._submitter.load(self._database, partitions)
        answers = await self._outbox.load(partitions)
        log.debug("%s photos wait for the worker, %s answers for delivery", photos, answers)
