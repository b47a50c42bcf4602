"""Doing something outside of us again when it fails, a bounded number of times and each time for a bounded while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception, stop_after_attempt, wait_exponential

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Retry:
    """At most `tries`, `timeout_s` each, with `wait_s`, then twice that, … between them."""

    tries: int
    timeout_s: float
    wait_s: float

    async def __call__(self, call: Callable[[], Awaitable[T]], final: tuple[type[Exception], ...] = ()) -> T:
        """What `call` returns; its last exception, or the first that is `final`: trying again would change nothing."""

        async def once() -> T:
            async with asyncio.timeout(self.timeout_s):
                return await call()

        # Made anew each time: an AsyncRetrying keeps its progress in itself and may not be shared by tasks.
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.tries),
            wait=wait_exponential(multiplier=self.wait_s),
            retry=retry_if_exception(lambda error: isinstance(error, Exception) and not isinstance(error, final)),
            before_sleep=before_sleep_log(log, logging.WARNING),
            reraise=True,
        )
        return await retrying(once)
