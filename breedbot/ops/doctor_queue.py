"""Whether the line between processes can be used: for `breedbot doctor`."""

import nats.errors
from nats.js.errors import NotFoundError

from breedbot.ops.doctor_model import Finding, Level
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.jobs import whole_look
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import QueueAway, QueueRefused

WAIT_S = 5.0
_REMEDY = "start NATS, with JetStream, or correct BREEDBOT_QUEUE_URL"


async def queue_finding(url: str) -> Finding:
    """Reaches the servers, and changes nothing there."""
    where = NatsUrl.parse(url)
    servers = ", ".join(server.partition("://")[2] for server in where.servers)
    try:
        async with NatsLink(where, "breedbot doctor", prepares=False) as link:
            await link.ready(WAIT_S)
            return await _finding(link, servers)
    except QueueRefused as error:
        return Finding("queue", Level.FAIL, f"{servers}: {error}", "check BREEDBOT_QUEUE_URL")
    except (QueueAway, nats.errors.Error) as error:
        return Finding("queue", Level.FAIL, f"{servers}: {error}", _REMEDY)


async def _finding(link: NatsLink, servers: str) -> Finding:
    version = link.client.connected_server_version
    reached = f"{servers}: NATS {version.major}.{version.minor}"
    try:
        copies = (await link.js.stream_info(link.names.jobs)).config.num_replicas or 1
    except NotFoundError:
        return Finding("queue", Level.OK, f"{reached}, no line yet, made at the first start")
    seen = await whole_look(link)
    detail = f"{reached}, copies {copies}, {seen.waiting} photos wait"
    if seen.dead:
        return Finding("queue", Level.WARN, f"{detail}, {seen.dead} were given up", "`breedbot queue dead`")
    return Finding("queue", Level.OK, detail)
