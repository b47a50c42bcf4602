"""What this process measured since it started, as few numbers: read from the metrics that Prometheus gets, too."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from time import time

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

STEPS = {
    "download": "breedbot_download_seconds",
    "queue": "breedbot_queue_seconds",
    "decode": "breedbot_worker_decode_seconds",
    "infer": "breedbot_worker_infer_seconds",
    "send": "breedbot_send_seconds",
}


@dataclass(frozen=True, slots=True)
class Step:
    """How long one step of the work took. Quantiles are estimated from a histogram, in seconds."""

    name: str
    count: int
    p50_s: float
    p95_s: float


@dataclass(frozen=True, slots=True)
class Vitals:
    """Attributes: `batch_fill`: mean share of a full batch, None before the first; `limiter_waits`: how many calls
    waited for Telegram's limits; `memory_bytes`, `up_s`: of the process, None where the system does not tell.
    """

    steps: tuple[Step, ...]
    batch_fill: float | None
    limiter_waits: int
    disk_free_bytes: int | None
    memory_bytes: int | None
    up_s: float | None


def vitals(registry: CollectorRegistry) -> Vitals:
    """Look now."""
    found = {metric.name: metric for metric in registry.collect()}
    steps = (_step(name, found[metric]) for name, metric in STEPS.items() if metric in found)
    filled, batches = (_value(registry, f"breedbot_worker_batch_fill_ratio_{part}") for part in ("sum", "count"))
    started = _value(registry, "process_start_time_seconds")
    free, memory = _value(registry, "breedbot_disk_free_bytes"), _value(registry, "process_resident_memory_bytes")
    return Vitals(
        steps=tuple(step for step in steps if step.count),
        batch_fill=filled / batches if filled is not None and batches else None,
        limiter_waits=sum(int(_count(found[name])) for name in ("breedbot_limiter_seconds",) if name in found),
        disk_free_bytes=None if free is None else int(free),
        memory_bytes=None if memory is None else int(memory),
        up_s=None if started is None else max(0.0, time() - started),
    )


def quantile(buckets: Iterable[tuple[float, float]], share: float) -> float:
    """The value below which this share lies: linear within its bucket, as PromQL's histogram_quantile has it.

    Args:
        buckets: upper bounds (the last is infinite) and how many are below each, ascending.
        share: 0–1.
    """
    known = sorted(buckets)
    if not known or not known[-1][1]:
        return math.nan
    wanted, before, below = share * known[-1][1], 0.0, 0.0
    for bound, count in known:
        if count >= wanted:
            if math.isinf(bound):
                return below
            return below + (bound - below) * ((wanted - before) / (count - before) if count > before else 1.0)
        before, below = count, bound
    return below


def _step(name: str, metric: Metric) -> Step:
    buckets = [(float(one.labels["le"]), one.value) for one in metric.samples if one.name.endswith("_bucket")]
    return Step(name, int(_count(metric)), quantile(buckets, 0.5), quantile(buckets, 0.95))


def _count(metric: Metric) -> float:
    return sum(one.value for one in metric.samples if one.name.endswith("_count"))


def _value(registry: CollectorRegistry, name: str) -> float | None:
    return registry.get_sample_value(name)
