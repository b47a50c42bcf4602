"""The owner of background tasks: none is forgotten, and none outlives the nursery."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from core.retry import Backoff

log = logging.getLogger(__name__)

T = TypeVar("T")


class Supervisor:
    """A task group whose children do not take each other down.

    ``async with Supervisor() as nursery:`` leaves the block when every child has ended.
    """

    def __init__(self, backoff: Backoff | None = None) -> None:
        self._group = asyncio.TaskGroup()
        self._children: set[asyncio.Task[None]] = set()
        self._backoff = backoff or Backoff(base_s=0.5, cap_s=30.0)

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.cancel()
        await self._group.__aexit__(None, None, None)  # so that the block's own error is raised as it is, in no group

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a piece of work once. An exception of its own is logged and ends only this piece."""
        return self._own(_once(work, name), name, work)

    def keep(
        self, work: Callable[[], Awaitable[None]], name: str, *, may_end: Callable[[], bool] = lambda: False
    ) -> asyncio.Task[None]:
        """Run a loop that shall go on; when it fails, or returns while it may not, it starts again after a pause."""
        return self._own(self._again_and_again(work, name, may_end), name)

    async def shielded(self, work: Coroutine[Any, Any, T], name: str) -> T:
        """Finish a short piece of work even if the caller is cancelled meanwhile; its exception reaches the caller."""
        return await asyncio.shield(self.promise(work, name))

    def promise(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Future[T]:
        """Run a piece of work once, for its result or exception."""
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._own(_into(outcome, work), name, work)
        return outcome

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

    def _own(
        self, work: Coroutine[Any, Any, None], name: str, inner: Coroutine[Any, Any, Any] | None = None
    ) -> asyncio.Task[None]:
        task = self._group.create_task(work, name=name)
        self._children.add(task)
        task.add_done_callback(self._children.discard)
        if inner is not None:  # cancelled before it began, `work` never came to it
            task.add_done_callback(lambda _: inner.close())
        return task

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


async def _once(work: Coroutine[Any, Any, None], name: str) -> None:
    try:
        await work
    except Exception:
        log.exception("%s failed", name)


async def _into(outcome: asyncio.Future[T], work: Coroutine[Any, Any, T]) -> None:
    try:
        result = await work
    except asyncio.CancelledError:
        outcome.cancel()
        raise
    except Exception as error:  # noqa: BLE001 - handed on, not swallowed
        if not outcome.done():
            outcome.set_exception(error)
    else:
        if not outcome.done():
            outcome.set_result(result)
