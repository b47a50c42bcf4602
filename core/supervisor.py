"""The owner of background tasks: none is forgotten, and none outlives it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from core.retry import Backoff

log = logging.getLogger(__name__)

T = TypeVar("T")


class Supervisor:
    """Children do not take each other down.

    ``async with Supervisor() as supervisor:`` leaves the block when every child has ended.
    """

    def __init__(self, backoff: Backoff | None = None) -> None:
        self._children: set[asyncio.Task[Any]] = set()
        self._open = False
        self._backoff = backoff or Backoff(base_s=0.5, cap_s=30.0)

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.cancel()
        cancelled: asyncio.CancelledError | None = None
        while self._children:
            try:
                await asyncio.wait(self._children)
            except asyncio.CancelledError as again:
                cancelled = again
                self.cancel()
        self._open = False
        if cancelled is not None:
            raise cancelled

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a piece of work once. An exception of its own is logged and ends only this piece."""
        task = self.promise(work, name)
        task.add_done_callback(_log_failure)
        return task

    def keep(
        self, work: Callable[[], Awaitable[None]], name: str, *, may_end: Callable[[], bool] = lambda: False
    ) -> asyncio.Task[None]:
        """Run a loop that shall go on; when it fails, or returns while it may not, it starts again after a pause."""
        return self.promise(self._again_and_again(work, name, may_end), name)

    async def shielded(self, work: Coroutine[Any, Any, T], name: str) -> T:
        """Finish a short piece of work even if the caller is cancelled meanwhile; its exception reaches the caller."""
        return await asyncio.shield(self.promise(work, name))

    def promise(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Run a piece of work once, for its result or exception. Raises RuntimeError: the block is left."""
        if not self._open:
            work.close()
            raise RuntimeError(f"nobody would wait for {name}")
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._children.add(task)
        task.add_done_callback(self._children.discard)
        return task

    def cancel(self) -> None:
        """Ask every child to stop."""
        for child in tuple(self._children):
            child.cancel()

    async def settle(self, deadline_s: float) -> bool:
        """Wait until no child is left. Returns: whether that happened within the deadline."""
        if not self._children:
            return True
        _, late = await asyncio.wait(tuple(self._children), timeout=deadline_s)
        return not late

    async def _again_and_again(
        self, work: Callable[[], Awaitable[None]], name: str, may_end: Callable[[], bool]
    ) -> None:
        tries = 0
        while True:
            try:
                await work()
                if may_end():
                    return
                log.error("%s ended by itself; starting it again", name)
            except Exception:
                log.exception("%s failed; starting it again", name)
            tries += 1
            await asyncio.sleep(self._backoff.delay_s(tries))


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s failed", task.get_name(), exc_info=error)
