"""Doing again what failed: how long to wait before, and, outside of us, how often and for how long each time."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception, stop_after_attempt, wait_exponential

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with jitter, capped.

    Half of each pause is fixed and half random: retries spread out, and none comes at once.
    ("Equal jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
    """

    base_s: float = 0.5
    cap_s: float = 60.0

    def delay_s(self, tries: int) -> float:
        """Seconds to wait after the ``tries``-th failure in a row (1 = the first)."""
        ceiling = min(self.cap_s, self.base_s * 2.0 ** min(tries - 1, 30))
        return ceiling * (0.5 + random.random() / 2)  # noqa: S311 - spreading load, not a secret


@dataclass(frozen=True, slots=True)
class Retry:
    """At most `tries`, `timeout_s` each, with `wait_s`, then twice that, … between them."""

    tries: int
    timeout_s: float
    wait_s: float

    async def __call__(self, call: Callable[[], Awaitable[T]], final: tuple[type[Exception], ...] = ()) -> T:
        """What `call` returns; its last exception, or the first that is `final`: trying again would change nothing."""
        # Made anew each time: an AsyncRetrying keeps its progress in itself and may not be shared by tasks.
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.tries),
            wait=wait_exponential(multiplier=self.wait_s),
            retry=retry_if_exception(lambda error: isinstance(error, Exception) and not isinstance(error, final)),
            before_sleep=before_sleep_log(log, logging.WARNING),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                async with asyncio.timeout(self.timeout_s):
                    return await call()
        raise AssertionError("the last attempt raises what went wrong")
