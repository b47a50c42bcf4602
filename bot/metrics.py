"""What the operator can watch: counters, gauges and durations for Prometheus."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from core.claim import Verdict
from inference.queue.protocol import Failure, JobResult
from training.learning.promotion.rollback_watch import TakenBack

CONTENT_TYPE = CONTENT_TYPE_LATEST
MODELS_LIMIT = 20  # each label value is kept for good, here and in Prometheus
BREEDS_LIMIT = 500
REST = "other"
OUR_FAULT = frozenset({Failure.INTERNAL, Failure.MISSING, Failure.POISON})
WORK_LIMIT = 10_000

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
RIGHT, WRONG = "right", "wrong"
OPINIONS = {
    Verdict.CONFIRM: RIGHT,
    Verdict.CORRECT: WRONG,
    Verdict.NOT_A_DOG: WRONG,
    Verdict.OTHER: WRONG,
}


class Metrics:
    """The numbers of one process. Rates and shares are worked out by Prometheus, save that of ❌: people ask for it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.updates = self._counter("updates", "Updates received, by kind", "kind")
        self.webhook_calls = self._counter("webhook_calls", "Calls of the webhook, by outcome", "outcome")
        self.handled = self._counter("updates_handled", "Updates dealt with, by outcome", "outcome")
        self.jobs = self._counter("jobs", "Photos that became jobs")
        self.answers = self._counter("answers", "Answers delivered, by kind", "kind")
        self.verdicts = self._counter("verdicts", "What people said of answers", "verdict")
        self.opinions = self._counter(
            "opinions", "Answers that people called right or wrong, by model", "model", "opinion"
        )
        self.opinions_by_breed = self._counter(
            "opinions_by_breed", "The same, by the breed that was answered", "breed", "opinion"
        )
        self.log_lines = self._counter("log_lines", "Warnings and errors that were logged, by level", "level")
        self.retries = self._counter("send_retries", "Calls to Telegram that had to be repeated, by reason", "reason")
        self.download_seconds = self._histogram("download_seconds", "Fetching one photo from Telegram")
        self.queue_seconds = self._histogram("queue_seconds", "From submission until a worker took the photo")
        self.decode_seconds = self._histogram("decode_seconds", "Decoding one photo")
        self.infer_seconds = self._histogram("infer_seconds", "The classifier, one batch")
        self.send_seconds = self._histogram("send_seconds", "One call to Telegram")
        self.limiter_seconds = self._histogram("limiter_seconds", "Waits for Telegram's limits, by limit", "limit")
        self.put_off = self._counter("put_off", "Calls put off because a limit was too far off, by limit", "limit")
        self.unchanged = self._counter("edits_coalesced", "Edits that would have changed nothing")
        self.api_requests = self._counter("api_requests", "Requests to the HTTP API, by status", "status")
        self.answer_seconds = self._histogram("answer_seconds", "From the photo's arrival to its delivered answer")
        self._right = self._wrong = 0
        self._models = _Bounded(MODELS_LIMIT)
        self._breeds = _Bounded(BREEDS_LIMIT)
        self.outcomes = RecentFailures()
        self.trouble = Gauge("breedbot_trouble", "1 while moderators are alerted", ["kind"], registry=self.registry)
        self.gauge("wrong_share", "Share of opinions that are not a confirmation", self._wrong_share)
        ProcessCollector(registry=self.registry)

    def verdict(self, verdict: Verdict, model: str, breed: str | None) -> None:
        """Count what somebody said of an answer: of which model, and which breed (or `not_a_dog`) it named."""
        self.verdicts.labels(verdict).inc()
        if verdict not in OPINIONS:
            return
        opinion = OPINIONS[verdict]
        self._right += opinion == RIGHT
        self._wrong += opinion == WRONG
        self.opinions.labels(self._models[model], opinion).inc()
        self.opinions_by_breed.labels(self._breeds[breed or "none"], opinion).inc()

    def looked_at(self, result: JobResult) -> None:
        """Count what a worker says of a photo, whoever sent it."""
        self.queue_seconds.observe(result.queue_s)
        self.decode_seconds.observe(result.decode_s)
        self.infer_seconds.observe(result.infer_s)
        self.outcomes.note(failed=result.failure in OUR_FAULT)  # one that cannot be read is its sender's affair
        self.outcomes.poison_photos += result.failure is Failure.POISON

    def gauge(self, name: str, help_: str, value: Callable[[], float]) -> None:
        """A number that is looked up whenever somebody asks."""
        Gauge(f"breedbot_{name}", help_, registry=self.registry).set_function(value)

    def page(self) -> bytes:
        """The text for Prometheus."""
        return generate_latest(self.registry)

    def _wrong_share(self) -> float:
        said = self._wrong + self._right
        return self._wrong / said if said else 0.0

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"breedbot_{name}", help_, labels, registry=self.registry)

    def _histogram(self, name: str, help_: str, *labels: str) -> Histogram:
        return Histogram(f"breedbot_{name}", help_, labels, buckets=_SECONDS, registry=self.registry)


class RecentFailures:
    """How the work went lately: what share of photos and updates failed through a fault of ours."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last: deque[tuple[float, bool]] = deque(maxlen=WORK_LIMIT)
        self.poison_photos = 0
        self.taken_back: deque[TakenBack] = deque(maxlen=10)  # that nobody was told of
        self.retention_held: str | None = None  # why nothing is erased by age; it goes on until the host says so

    def note(self, *, failed: bool) -> None:
        """One piece of work has ended."""
        self._last.append((self._clock(), failed))

    def within(self, window_s: float) -> tuple[int, int]:
        """How many failed, and of how many."""
        since = self._clock() - window_s
        recent = [failed for moment, failed in self._last if moment >= since]
        return sum(recent), len(recent)


class _Bounded(dict[str, str]):
    """Values of a label: the first `limit` as they are, all further ones as the rest."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def __missing__(self, value: str) -> str:
        return self.setdefault(value, value) if len(self) < self._limit else REST


class CountedLines(logging.Handler):
    """Shows nothing; tells `count` the level of each warning and error."""

    def __init__(self, count: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._count = count

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self._count(record.levelname.lower())

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Within the block."""
        logging.getLogger().addHandler(self)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(self)
