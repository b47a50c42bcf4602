"""Looks around: model, disk, backlog, errors, database, erasing by age.

What it finds becomes alerts and the dashboard's banner.
"""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text

from bot.alerts.incidents import AlertRules, Trouble, Values
from bot.alerts.retrain_news import LOOKED_AT, REFUSED, refusals, why_refused
from bot.metrics import RecentFailures
from core.clock import utc_now
from db.database import Database
from db.errors import DatabaseError

DATABASE_S = 10.0

log = logging.getLogger(__name__)


class Checks:
    """One round at a time.

    Args:
        database: open.
        outcomes: how the work went lately.
        rules: from when on something is a trouble.
        folders: on the disks that must not fill up.
        model_trouble: what is wrong with the model, in a few words; None = nothing.
    """

    def __init__(
        self,
        database: Database,
        outcomes: RecentFailures,
        rules: AlertRules,
        *,
        folders: Iterable[Path] = (),
        model_trouble: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._database = database
        self._outcomes = outcomes
        self._rules = rules
        self._folders = tuple(folders)
        self._model_trouble = model_trouble
        self.backlog_s = 0.0

    async def look(self) -> dict[Trouble, Values]:
        """Everything that is wrong now. Raises nothing."""
        checks: dict[Trouble, Callable[[], Awaitable[Values | None]]] = {
            Trouble.MODEL: self._model,
            Trouble.DISK: self._disk,
            Trouble.DATABASE: self._database_answers,
            Trouble.BACKLOG: self._backlog,
            Trouble.ERRORS: self._errors,
            Trouble.RETENTION: self._retention,
            Trouble.REFUSALS: self._refusals,
        }
        found = {}
        for trouble, check in checks.items():
            if (values := await _asked(trouble, check)) is not None:
                found[trouble] = values
        return found

    def free_bytes(self) -> int | None:
        """On the fullest of the disks; None where that cannot be told."""
        free = []
        for folder in self._folders:
            with suppress(OSError):
                free.append(shutil.disk_usage(folder).free)
        return min(free, default=None)

    async def _model(self) -> Values | None:
        trouble = self._model_trouble()
        return None if trouble is None else {"reason": trouble}

    async def _disk(self) -> Values | None:
        free = await asyncio.to_thread(self.free_bytes)
        return {"free": round(free / 2**20)} if free is not None and free < self._rules.disk_bytes else None

    async def _database_answers(self) -> Values | None:
        """It must also let us write: a unit that writes waits for its turn, and for other processes."""
        try:
            async with asyncio.timeout(DATABASE_S), self._database.unit() as unit:
                await unit.connection.execute(text("SELECT 1"))
        except TimeoutError:
            return {"reason": f"no turn to write within {DATABASE_S:g} s"}
        except DatabaseError as error:
            return {"reason": str(error)}
        return None

    async def _backlog(self) -> Values | None:
        try:
            async with self._database.unit(read_only=True) as unit:
                since = await unit.jobs.oldest_queued_at()
        except DatabaseError:
            return None  # that is the trouble which is told
        self.backlog_s = 0.0 if since is None else max(0.0, (utc_now() - since).total_seconds())
        return {"count": round(self.backlog_s / 60)} if self.backlog_s > self._rules.backlog_s else None

    async def _errors(self) -> Values | None:
        failed, done = self._outcomes.within(self._rules.window_s)
        if failed < self._rules.errors or failed < done * self._rules.error_share:
            return None
        return {"share": failed / done, "count": done}

    async def _refusals(self) -> Values | None:
        try:
            async with self._database.unit(read_only=True) as unit:
                last = await unit.retrains.last(LOOKED_AT)
        except DatabaseError:
            return None  # that is the trouble which is told
        count = refusals(last)
        return (
            {"count": count, "reason": why_refused(next(one for one in last if one.status in REFUSED))}
            if count >= self._rules.refusals
            else None
        )

    async def _retention(self) -> Values | None:
        held = self._outcomes.retention_held
        return None if held is None else {"reason": held}


async def _asked(trouble: Trouble, check: Callable[[], Awaitable[Values | None]]) -> Values | None:
    try:
        return await check()
    except Exception:
        log.exception("the check %s failed", trouble)
        return None
