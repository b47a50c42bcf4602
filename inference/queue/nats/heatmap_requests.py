"""Heat maps for bots that have no model: asked of the workers by request and reply, painted by whichever is free."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Protocol

from nats.aio.msg import Msg

from core.prediction import WHOLE_PHOTO, Box
from inference.queue.nats.connection import NatsLink
from inference.queue.protocol import QueueAway

SUBJECT: Final = "evidence"
GROUP: Final = "workers"
WAIT_S: Final = 20.0  # as long as somebody looks at a button
LIMIT_WAITING: Final = 32  # requests before one worker; each takes as long as an answer
LIMIT_BYTES: Final = 1000  # of a request
ALONE: Final = 1
CONTRAST: Final = 2  # a worker of an older version refuses it, rather than paint something else
_STATUS: Final = "Breedbot-Evidence"


log = logging.getLogger(__name__)


class Paint(Protocol):
    """What paints here: `inference.serving.heatmap_service.HeatmapPainter`."""

    def __call__(self, sha256: str, breed: str, box: Box, against: str | None = None, /) -> Awaitable[bytes | None]:
        """A JPEG, or None."""


class NatsHeatmap:
    """A `bot.conversation.heatmap.port.Heatmap`, painted elsewhere."""

    def __init__(self, link: NatsLink, wait_s: float = WAIT_S) -> None:
        self._link = link
        self._wait_s = wait_s

    async def __call__(
        self, sha256: str, breed: str, box: Box = WHOLE_PHOTO, against: str | None = None
    ) -> bytes | None:
        """A JPEG; None where there is none, and where no worker answers in time: the photo's answer stands anyway."""
        stated = {"photo": sha256, "breed": breed, "until": time.time() + self._wait_s, "box": box}
        stated |= {"v": ALONE} if against is None else {"v": CONTRAST, "against": against}
        request = json.dumps(stated).encode()
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
        asked = _read(request)
    except (ValueError, TypeError, KeyError) as error:
        return b"", f"not readable: {type(error).__name__}"
    if time.time() > asked.until:
        return b"", "too late"
    try:
        picture = await paint(asked.sha256, asked.breed, asked.box, asked.against)
    except Exception:
        log.exception("photo %s could not be painted", asked.sha256)
        return b"", "failed"
    return (picture, "painted") if picture is not None else (b"", "none")


class _Asked(NamedTuple):
    sha256: str
    breed: str
    until: float
    box: Box
    against: str | None


def _read(request: bytes) -> _Asked:
    if len(request) > LIMIT_BYTES:
        raise ValueError("too long")
    stated = json.loads(request)
    names = [stated["photo"], stated["breed"], *([stated["against"]] if stated["v"] == CONTRAST else [])]
    if stated["v"] not in {ALONE, CONTRAST} or not all(isinstance(name, str) for name in names):
        raise ValueError("not a request of ours")
    box = Box(*(float(side) for side in stated.get("box", WHOLE_PHOTO)))
    return _Asked(names[0], names[1], float(stated["until"]), box, names[2] if len(names) > 2 else None)
