"""A word to everybody when a pointer to a model has moved, so that nobody waits for their next look at it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from nats.aio.msg import Msg

from inference.queue.nats.connection import NatsLink
from inference.queue.protocol import QueueAway

SUBJECT: Final = "models"
LOOK_S: Final = 0.5

log = logging.getLogger(__name__)


async def tell_models_moved(link: NatsLink) -> None:
    """Say it. If that fails the others find it out a little later by themselves."""
    try:
        await link.tell(SUBJECT)
    except QueueAway as error:
        log.info("nobody hears that the pointer has moved: %s", error)


async def keep_telling(link: NatsLink, stamp: Callable[[], object]) -> None:
    """Say it whenever `stamp` changes, until cancelled: whoever of this process moved a pointer need not know of us.

    `stamp` is asked twice a second and costs microseconds: `ModelStore.stamp`, and that of the candidate.
    """
    seen = stamp()
    while True:
        await asyncio.sleep(LOOK_S)
        now = stamp()
        if now != seen:
            seen = now
            await tell_models_moved(link)


async def hear_models_moved(link: NatsLink, look: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """Have `look`, `ModelStore.nudge` for example, called whenever it is said. Returns: what ends it."""

    async def hear(_: Msg) -> None:
        look()

    return await link.listen(SUBJECT, hear, limit=8)
