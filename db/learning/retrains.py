"""The ledger of retrains: one runs at a time, and what became of each stays."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, true, update

from db.errors import AlreadyRunning, RetrainOver
from db.learning.learning_records import RetrainRecord, RetrainStatus, RetrainTrigger
from db.repository import Repository, insert
from db.tables import RUNNING, accepted_claims, retrains

DEAD_AFTER = timedelta(hours=1)  # a retrain takes seconds; its process id may be somebody else's by then
COUNTED = 10_000
_BEFORE = {
    RetrainStatus.PROMOTED: (
        RetrainStatus.RUNNING,
        RetrainStatus.SHADOW,
        RetrainStatus.ROLLED_BACK,  # and told to answer again
    ),
    RetrainStatus.ROLLED_BACK: (RetrainStatus.PROMOTED,),
    RetrainStatus.REJECTED: (RetrainStatus.RUNNING, RetrainStatus.SHADOW),
    RetrainStatus.FAILED: (RetrainStatus.RUNNING, RetrainStatus.SHADOW),
    RetrainStatus.SHADOW: (RetrainStatus.RUNNING,),
    RetrainStatus.NOTHING_NEW: (RetrainStatus.RUNNING,),
}


class Retrains(Repository):
    """Retrains by id."""

    async def start(self, trigger: RetrainTrigger, champion_id: str, pid: int) -> RetrainRecord:
        """Note that a retrain runs in that process of this machine. Commit at once, then work.

        One whose process is gone, or that is older than an hour, is noted as failed first.
        Raises AlreadyRunning while another one runs.
        """
        fresh = insert(retrains).values(
            trigger=RetrainTrigger(trigger),
            status=RetrainStatus.RUNNING,
            champion_id=champion_id,
            host=_host(),
            pid=pid,
            started_at=self._now(),
        )
        while True:
            started = await self._first(RetrainRecord, fresh.on_conflict_do_nothing().returning(retrains))
            if started is not None:
                return started
            running = await self.running()
            if running is not None and not self._dead(running):
                raise AlreadyRunning(running)
            if running is not None:
                await self._give_up(running)

    async def finish(
        self,
        retrain_id: int,
        status: RetrainStatus,
        *,
        model_id: str | None = None,
        evidence_count: int | None = None,
        verdict: Mapping[str, Any] | None = None,
        error: str | None = None,
    ) -> RetrainRecord:
        """What became of it; also from `shadow` to `promoted` and the like. None leaves what was noted before.

        Raises RetrainOver where that cannot follow, for instance because it was taken for dead meanwhile.
        """
        noted = {"model_id": model_id, "evidence_count": evidence_count, "verdict": verdict, "error": error}
        change: dict[str, Any] = {name: value for name, value in noted.items() if value is not None}
        this = update(retrains).where(
            retrains.c.id == retrain_id, retrains.c.status.in_(_BEFORE[RetrainStatus(status)])
        )
        ended = func.coalesce(retrains.c.finished_at, self._now())
        record = await self._first(
            RetrainRecord, this.values(change | {"status": status, "finished_at": ended}).returning(retrains)
        )
        if record is None:
            raise RetrainOver(f"retrain {retrain_id} cannot become {status}: it was given up or has ended meanwhile")
        return record

    async def running(self) -> RetrainRecord | None:
        """The one that is under way, or was when its process died."""
        return await self._first(RetrainRecord, select(retrains).where(RUNNING))

    async def close_dead(self) -> RetrainRecord | None:
        """Note as failed the one that is under way though its process is gone. Returns: which, if there was one."""
        running = await self.running()
        if running is None or not self._dead(running):
            return None
        await self._give_up(running)
        return running

    async def last(self, n: int = 1) -> list[RetrainRecord]:
        """The last ones, newest first."""
        return await self._all(RetrainRecord, select(retrains).order_by(retrains.c.id.desc()).limit(n))

    async def get(self, model_id: str) -> RetrainRecord | None:
        """The retrain that made a model, or None."""
        made = select(retrains).where(retrains.c.model_id == model_id)
        return await self._first(RetrainRecord, made.order_by(retrains.c.id.desc()).limit(1))

    async def accepted_since(self, since: datetime | None) -> int:
        """How many corrections that count were accepted after that time (None: ever); 10,000 where there are more.

        A ✅ that was accepted is no correction.
        """
        newer: ColumnElement[bool] = true() if since is None else accepted_claims.c.accepted_at > since
        some = select(accepted_claims.c.accepted_at).where(accepted_claims.c.correction == true(), newer).limit(COUNTED)
        return int(await self._value(select(func.count()).select_from(some.subquery())))

    async def _give_up(self, dead: RetrainRecord) -> None:
        with suppress(RetrainOver):  # another unit was quicker
            await self.finish(dead.id, RetrainStatus.FAILED, error=f"process {dead.pid} ended before it was done")

    def _dead(self, running: RetrainRecord) -> bool:
        if self._now() - running.started_at > DEAD_AFTER:
            return True
        return running.host == _host() and not _lives(running.pid)


def _host() -> str:
    return socket.gethostname()[:255]


def _lives(pid: int) -> bool:
    """Whether that process of this machine runs; yes where the system does not tell."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
