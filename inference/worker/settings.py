"""How a worker shares out its time and memory."""

import os
from dataclasses import dataclass, field

from inference.photo.decode import DecodeLimits


def available_cores() -> int:
    """Cores that this process may run on: fewer than the machine has in a container or under taskset."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Bounds of everything that a worker does.

    Attributes:
        batch_photos: largest batch; None = the largest that the classifier was prepared for.
        linger_s: how long an idle classifier waits for the next one of the photos that are being fetched and decoded
            right now. Nothing is waited for when nothing is under way, so one photo alone is never delayed.
        decode_threads: as many as cores. Fewer slow a multi-threaded engine down more than they spare it: the engine's
            threads meet after every layer, and a core that one of them has to share keeps all the others waiting.
        shared_cores: the classifier computes on the cores that decode, so they take turns; False for a GPU.
        fetches: photos whose bytes are held at the same time, `limits.limit_bytes` each; None = 4 a decode thread.
        fetch_timeout_s: for one try to get the bytes.
        report_timeout_s: for one try to hand over a result.
        tries: to fetch or to report; the last error is logged.
        retry_wait_s: before the second try, doubled before each further one.
        max_age_s: jobs that have waited longer are answered without being computed.
        close_s: how long the end of `Worker.run` waits for a batch that is being computed: the model is closed next.
        limits: what one photo may cost.
    """

    batch_photos: int | None = None
    linger_s: float = 0.02
    decode_threads: int = field(default_factory=available_cores)
    shared_cores: bool = True
    fetches: int | None = None
    fetch_timeout_s: float = 20.0
    report_timeout_s: float = 30.0
    tries: int = 3
    retry_wait_s: float = 0.2
    max_age_s: float = 3600.0
    close_s: float = 10.0
    limits: DecodeLimits = field(default_factory=DecodeLimits)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: naming key and value.
        """
        for key in ("batch_photos", "decode_threads", "fetches", "tries"):
            value = getattr(self, key)
            if value is not None and value < 1:
                raise ValueError(f"worker {key}={value!r}: expected at least 1")
        for key in ("linger_s", "retry_wait_s", "close_s"):
            if not getattr(self, key) >= 0:
                raise ValueError(f"worker {key}={getattr(self, key)!r}: expected 0 or more seconds")
        for key in ("fetch_timeout_s", "report_timeout_s", "max_age_s"):
            if not getattr(self, key) > 0:
                raise ValueError(f"worker {key}={getattr(self, key)!r}: expected more than 0 seconds")
