"""The streams and consumers that we keep in NATS JetStream: what they are called, how they are made and changed.

A job and a result have a subject each, named after the job's id, and a subject holds one message: the server itself
refuses a second one while the first is waiting or in somebody's hands.
https://docs.nats.io/nats-concepts/jetstream/streams
"""

import logging
from dataclasses import dataclass
from typing import Final

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, BadRequestError, NotFoundError

from inference.queue.nats.url import NatsUrl

WORKERS: Final = "workers"
BOTS: Final = "bots"
LIMIT_JOBS: Final = 10_000
MAX_AGE_S: Final = 3600.0
ACK_WAIT_S: Final = 15.0
TWICE_S: Final = 120.0
"""A message whose acknowledgement got lost is sent again within seconds; the server knows its id for so long."""
RESULTS_FOR_S: Final = 86_400.0
"""Then a bot that comes back has its jobs computed again."""
LIMIT_DEAD: Final = 10_000
DEAD_FOR_S: Final = 30 * 86_400.0
LIMIT_BYTES: Final = 512 * 1024  # of one message

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NatsNames:
    """What streams and subjects are called, under one prefix."""

    prefix: str

    @property
    def jobs(self) -> str:
        """The stream of jobs."""
        return f"{self.prefix}-jobs"

    @property
    def results(self) -> str:
        """The stream of results."""
        return f"{self.prefix}-results"

    @property
    def dead(self) -> str:
        """The stream of dead letters."""
        return f"{self.prefix}-dead"

    def job(self, job_id: int | str) -> str:
        """The subject of a job; "*" = of any."""
        return f"{self.prefix}.jobs.{job_id}"

    def result(self, job_id: int | str) -> str:
        """The subject of a result."""
        return f"{self.prefix}.results.{job_id}"

    def dead_letter(self, number: int | str) -> str:
        """The subject of a dead letter."""
        return f"{self.prefix}.dead.{number}"

    def core(self, subject: str) -> str:
        """A subject that no stream keeps."""
        return f"{self.prefix}.{subject}"


def stream_configs(url: NatsUrl) -> list[StreamConfig]:
    """The three streams, as they are made where there are none."""
    names, replicas = NatsNames(url.prefix), url.replicas or 1
    limit_jobs = url.limit_jobs or LIMIT_JOBS
    line = StreamConfig(
        retention=RetentionPolicy.WORK_QUEUE,
        discard=DiscardPolicy.NEW,
        discard_new_per_subject=True,
        max_msgs_per_subject=1,
        max_msg_size=LIMIT_BYTES,
        storage=StorageType.FILE,
        num_replicas=replicas,
        duplicate_window=TWICE_S,
        allow_direct=True,
    )
    age_s = url.max_age_s or MAX_AGE_S
    return [
        line.evolve(
            name=names.jobs, subjects=[names.job("*")], max_msgs=limit_jobs, max_age=age_s,
            duplicate_window=min(TWICE_S, age_s),
        ),
        line.evolve(name=names.results, subjects=[names.result("*")], max_msgs=10 * limit_jobs, max_age=RESULTS_FOR_S),
        line.evolve(
            name=names.dead, subjects=[names.dead_letter("*")], max_msgs=LIMIT_DEAD, max_age=DEAD_FOR_S,
            retention=RetentionPolicy.LIMITS, discard=DiscardPolicy.OLD, discard_new_per_subject=False,
        ),
    ]  # fmt: skip


def consumer_configs(url: NatsUrl) -> dict[str, ConsumerConfig]:
    """The consumer of each stream that has one, by stream.

    There is no `max_deliver`: the server would only stop handing the message out. Who gets it too often says why.
    """
    names = NatsNames(url.prefix)
    taken = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, ack_wait=url.ack_wait_s or ACK_WAIT_S, max_ack_pending=-1)
    return {
        names.jobs: taken.evolve(durable_name=WORKERS, filter_subject=names.job("*")),
        names.results: taken.evolve(durable_name=BOTS, filter_subject=names.result("*"), ack_wait=2 * ACK_WAIT_S),
    }


async def prepare(js: JetStreamContext, url: NatsUrl) -> None:
    """Make what is missing, and change what the URL wants otherwise. Twice is once. Raises nats errors."""
    for wanted in stream_configs(url):
        await _prepare_stream(js, url, wanted)
    for stream, config in consumer_configs(url).items():
        await _prepare_consumer(js, url, stream, config)


async def _prepare_stream(js: JetStreamContext, url: NatsUrl, wanted: StreamConfig) -> None:
    try:
        present = (await js.stream_info(wanted.name or "")).config
    except NotFoundError:
        try:
            await js.add_stream(wanted)
        except BadRequestError:  # somebody else was quicker, and wants it a little otherwise
            await js.stream_info(wanted.name or "")
        return
    # Only what this URL says: a process that says nothing must not undo what another one said.
    asked: dict[str, float | None] = {"num_replicas": url.replicas}
    if wanted.name == NatsNames(url.prefix).jobs:
        asked |= {"max_msgs": url.limit_jobs, "max_age": url.max_age_s}
    if (present.max_msg_size or LIMIT_BYTES) < LIMIT_BYTES:  # made before a photo had several dogs
        asked["max_msg_size"] = LIMIT_BYTES
    changed = {key: value for key, value in asked.items() if value is not None and getattr(present, key) != value}
    if changed:
        try:
            await js.update_stream(present.evolve(**changed))
        except APIError as error:
            log.warning("stream %s stays as it is: %s", wanted.name, error.description)


async def _prepare_consumer(js: JetStreamContext, url: NatsUrl, stream: str, wanted: ConsumerConfig) -> None:
    name = wanted.durable_name or ""
    try:
        present = (await js.consumer_info(stream, name)).config
    except NotFoundError:
        try:
            await js.add_consumer(stream, wanted)
        except BadRequestError:
            await js.consumer_info(stream, name)
        return
    if name == WORKERS and url.ack_wait_s is not None and present.ack_wait != url.ack_wait_s:
        await js.add_consumer(stream, present.evolve(ack_wait=url.ack_wait_s))
