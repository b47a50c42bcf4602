"""What the operator can watch: counters, gauges and durations for Prometheus."""

from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


class Metrics:
    """The numbers of one process. Rates and shares are worked out by Prometheus, save that of ❌: people ask for it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.updates = self._counter("updates", "Updates received, by kind", "kind")
        self.handled = self._counter("updates_handled", "Updates dealt with, by outcome", "outcome")
        self.jobs = self._counter("jobs", "Photos that became jobs")
        self.answers = self._counter("answers", "Answers delivered, by kind", "kind")
        self.verdicts = self._counter("verdicts", "What people said of answers", "verdict")
        self.retries = self._counter("send_retries", "Calls to Telegram that had to be repeated, by reason", "reason")
        self.queue_seconds = self._histogram("queue_seconds", "From submission until a worker took the photo")
        self.decode_seconds = self._histogram("decode_seconds", "Decoding one photo")
        self.infer_seconds = self._histogram("infer_seconds", "The classifier, one batch")
        self.send_seconds = self._histogram("send_seconds", "One call to Telegram")
        self.answer_seconds = self._histogram("answer_seconds", "From the photo's arrival to its delivered answer")
        self._said: dict[str, int] = {}
        self.gauge("wrong_share", "Share of verdicts that are not a confirmation", self._wrong_share)

    def verdict(self, verdict: str) -> None:
        """Count what somebody said of an answer."""
        self.verdicts.labels(verdict).inc()
        self._said[verdict] = self._said.get(verdict, 0) + 1

    def gauge(self, name: str, help_: str, value: Callable[[], float]) -> None:
        """A number that is looked up whenever somebody asks."""
        Gauge(f"breedbot_{name}", help_, registry=self.registry).set_function(value)

    def page(self) -> bytes:
        """The text for Prometheus."""
        return generate_latest(self.registry)

    def _wrong_share(self) -> float:
        wrong = self._said.get("correct", 0) + self._said.get("not_a_dog", 0)
        said = wrong + self._said.get("confirm", 0)
        return wrong / said if said else 0.0

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"breedbot_{name}", help_, labels, registry=self.registry)

    def _histogram(self, name: str, help_: str) -> Histogram:
        return Histogram(f"breedbot_{name}", help_, buckets=_SECONDS, registry=self.registry)
