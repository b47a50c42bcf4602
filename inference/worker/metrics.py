"""What a worker counts and times, for Prometheus."""

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

_BATCH_PHOTOS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_STEP_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_QUEUE_S = (0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 3600.0)


class WorkerMetrics:
    """Queueing and computing are timed apart, as Triton does it: the one wants machines, the other a faster model."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        """One per registry: Prometheus refuses the same name twice."""
        self.batch_photos = Histogram(
            "breedbot_worker_batch_photos", "Photos in a batch", buckets=_BATCH_PHOTOS, registry=registry
        )
        self.batch_fill = Histogram(
            "breedbot_worker_batch_fill_ratio",
            "Photos in a batch over the largest batch",
            buckets=tuple(step / 8 for step in range(1, 9)),
            registry=registry,
        )
        self.queue_s = Histogram(
            "breedbot_worker_queue_seconds", "From submission until taken", buckets=_QUEUE_S, registry=registry
        )
        self.decode_s = Histogram(
            "breedbot_worker_decode_seconds", "Decoding of one photo", buckets=_STEP_S, registry=registry
        )
        self.infer_s = Histogram(
            "breedbot_worker_infer_seconds", "One batch in the classifier", buckets=_STEP_S, registry=registry
        )
        self.second_looks = Counter(
            "breedbot_worker_second_looks", "Photos that were looked at twice, by dogs", ["dogs"], registry=registry
        )
        self.results = Counter(
            "breedbot_worker_results",
            "Jobs settled, by what was said of the first dog, or failure",
            ["outcome"],
            registry=registry,
        )
        self.errors = Counter(
            "breedbot_worker_errors", "Exceptions that were logged and survived, by step", ["step"], registry=registry
        )
