"""Heat maps for bots that have no model: asked of the workers by request and reply, painted by whichever is free."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from nats.aio.msg import Msg

from core.prediction import WHOLE_PHOTO, Box
from inference.queue.nats.connection import NatsLink
from inference.queue.protocol import QueueAway

SUBJECT: Final = "evidence"
GROUP: Final = "workers"
WAIT_S: Final = 20.0  # as long as somebody looks at a button
LIMIT_WAITING: Final = 32  # requests before one worker; each takes as long as an answer
LIMIT_BYTES: Final = 1000  # of a request
_STATUS: Final = "Breedbot-Evidence"

Paint = Callable[[str, str, Box], Awaitable[bytes | None]]

log = logging.getLogger(__name__)


class NatsHeatmap:
    """A `bot.conversation.heatmap.port.Heatmap`, painted elsewhere."""

    def __init__(self, link: NatsLink, wait_s: float = WAIT_S) -> None:
        self._link = link
        self._wait_s = wait_s

    async def __call__(self, sha256: str, breed: str, box: Box = WHOLE_PHOTO) -> bytes | None:
        """A JPEG; None where there is none, and where no worker answers in time: the photo's answer stands anyway."""
        until = time.time() + self._wait_s
        request = json.dumps({"v": 1, "photo": sha256, "breed": breed, "until": until, "box": box}).encode()
        try:
            async with asyncio.timeout(self._wait_s + 1):
                answer = await self._link.ask(SUBJECT, request, self._wait_s)
        except (QueueAway, TimeoutError) as error:
            log.warning("no worker paints a heat map: %s", error)
            return None
        status = (answer.headers or {}).get(_STATUS, "")
        if status != "painted":
            log.info("no heat map of photo %s: %s", sha256, status)
            return None
        return answer.data


async def serve_evidence(link: NatsLink, paint: Paint) -> Callable[[], Awaitable[None]]:
    """Paint what bots ask for, one at a time. Returns: what ends it."""

    async def hear(message: Msg) -> None:
        if not message.reply:
            return
        picture, status = await _answer(message.data, paint)
        await link.client.publish(message.reply, picture, headers={_STATUS: status})

    return await link.listen(SUBJECT, hear, GROUP, LIMIT_WAITING)


async def _answer(request: bytes, paint: Paint) -> tuple[bytes, str]:
    try:
        sha256, breed, until, box = _read(request)
    except (ValueError, TypeError, KeyError) as error:
        return b"", f"not readable: {type(error).__name__}"
    if time.time() > until:
        return b"", "too late"
    try:
        picture = await paint(sha256, breed, box)
    except Exception:
        log.exception("photo %s could not be painted", sha256)
        return b"", "failed"
    return (picture, "painted") if picture is not None else (b"", "none")


def _read(request: bytes) -> tuple[str, str, float, Box]:
    if len(request) > LIMIT_BYTES:
        raise ValueError("too long")
    stated = json.loads(request)
    sha256, breed = stated["photo"], stated["breed"]
    if stated["v"] != 1 or not isinstance(sha256, str) or not isinstance(breed, str):
        raise ValueError("not a request of ours")
    return sha256, breed, float(stated["until"]), Box(*(float(side) for side in stated.get("box", WHOLE_PHOTO)))
