"""Starts retrains: when there may be something to learn, and when a moderator says so. One at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from core.clock import Clock, utc_now
from db.database import Database
from db.errors import DatabaseError, RetrainOver
from db.learning.learning_records import RetrainRecord, RetrainStatus
from db.unit import Unit
from training.learning.promotion.retrain_process import ProcessEnd, RetrainProcess
from training.learning.retrain.due import DueRules, Looked, retrain_facts, worth_starting

log = logging.getLogger(__name__)

IF_DUE = "--if-due"
Outcome = asyncio.Future[RetrainRecord | None]


@dataclass(frozen=True, slots=True)
class Started:
    """A retrain is under way.

    Attributes:
        outcome: its row once it has ended, however it ended; None if it died before it could write one.
    """

    outcome: Awaitable[RetrainRecord | None]


@dataclass(frozen=True, slots=True)
class AlreadyRunning:
    """Another one is under way; its end is told to whoever asked for it."""


RetrainNow = Callable[[], Awaitable[Started | AlreadyRunning]]
"""Starts a retrain, due or not, and returns at once; raises nothing: what goes wrong later is in the outcome."""


class Scheduler:
    """`run` looks every few minutes; `retrain_now` does not wait for that. Neither ever holds up the bot."""

    def __init__(
        self,
        database: Database,
        process: RetrainProcess,
        *,
        rules: DueRules,
        look_s: float,
        ended: Callable[[], None] = lambda: None,
        clock: Clock = utc_now,
    ) -> None:
        """`ended` is told when a retrain is over: there may be a candidate."""
        self._database = database
        self._process = process
        self._rules = rules
        self._look_s = look_s
        self._ended = ended
        self._clock = clock
        self._looked: Looked | None = None
        self._wanted: Outcome | None = None
        self._asked = asyncio.Event()
        self._at_work = False
        self._trouble: str | None = None

    async def __call__(self) -> Started | AlreadyRunning:
        """Retrain now, due or not: see `RetrainNow`."""
        if self._wanted is not None or self._at_work or await self._runs_elsewhere():
            return AlreadyRunning()
        self._wanted = asyncio.get_running_loop().create_future()
        self._asked.set()
        return Started(self._wanted)

    async def run(self) -> None:
        """Look until cancelled; a retrain that runs then is ended."""
        try:
            while True:
                await self._wait()
                await self._close_dead()
                if self._wanted is not None:
                    await self._retrain()
                elif (reason := await self._worth_starting()) is not None:
                    log.info("looking whether a retrain is due: %s", reason)
                    await self._retrain(IF_DUE)
        finally:
            self._settle(None)

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._look_s):
                await self._asked.wait()
        self._asked.clear()

    async def _worth_starting(self) -> str | None:
        facts, now = await retrain_facts(self._database), self._clock()
        reason = worth_starting(now, facts, self._rules, self._looked)
        if reason is not None:
            self._looked = Looked(now, facts.newest, facts.forgotten)
        return reason

    async def _retrain(self, *options: str) -> None:
        self._at_work = True
        try:
            before = await self._last_id()
            end = await self._process.run(*options)
            self._tell(end)
            self._settle(await self._outcome(before, end))
        except OSError as error:
            log.error("no retrain can be started: %s", error)  # noqa: TRY400 - the error says it all
            self._settle(None)
        finally:
            self._at_work = False
            self._ended()

    def _tell(self, end: ProcessEnd) -> None:
        """An error, but the same one only once in a row: a library that is missing is missing at every look."""
        if end.trouble is not None:
            level = logging.INFO if end.trouble == self._trouble else logging.ERROR
            log.log(level, "the retrain (process %d) failed: %s", end.pid, end.trouble)
        self._trouble = end.trouble

    async def _outcome(self, before: int, end: ProcessEnd) -> RetrainRecord | None:
        """The row that this process wrote; one that it did not close is closed for it."""
        async with self._database.unit() as unit:
            last = await unit.retrains.last(1)
            if not last or last[0].id <= before or last[0].pid != end.pid:
                return None
            if last[0].status is not RetrainStatus.RUNNING:
                return last[0]
            return await _close(unit, last[0], end.trouble or "it ended without a word")

    async def _close_dead(self) -> None:
        """Close the row of a retrain that a kill, or a power cut, left open."""
        async with self._database.unit() as unit:
            dead = await unit.retrains.close_dead()
        if dead is not None:
            log.error("a retrain was cut off (process %d); nothing of it is used", dead.pid)

    async def _runs_elsewhere(self) -> bool:
        try:
            await self._close_dead()
            async with self._database.unit(read_only=True) as unit:
                return await unit.retrains.running() is not None
        except DatabaseError as error:
            log.warning("nobody can say whether a retrain is running: %s", error)
            return False

    async def _last_id(self) -> int:
        async with self._database.unit(read_only=True) as unit:
            last = await unit.retrains.last(1)
        return last[0].id if last else 0

    def _settle(self, record: RetrainRecord | None) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None and not wanted.done():
            wanted.set_result(record)


async def _close(unit: Unit, row: RetrainRecord, why: str) -> RetrainRecord | None:
    with suppress(RetrainOver):  # somebody else was quicker
        return await unit.retrains.finish(row.id, RetrainStatus.FAILED, error=why)
    return None
