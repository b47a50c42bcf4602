"""What Prometheus gets is bounded, whatever people and models are called."""

import logging
from pathlib import Path

from bot.metrics import BREEDS_LIMIT, MODELS_LIMIT, CountedLines, Metrics
from core.claim import Verdict
from inference.worker.metrics import WorkerMetrics


def page(metrics: Metrics) -> str:
    return metrics.page().decode()


def test_opinions_are_counted_by_model_and_by_breed() -> None:
    metrics = Metrics()
    metrics.verdict(Verdict.CONFIRM, "m1", "beagle")
    metrics.verdict(Verdict.CORRECT, "m1", "beagle")
    metrics.verdict(Verdict.OTHER, "m1", "pug")
    metrics.verdict(Verdict.NOT_A_DOG, "m2", None)

    text = page(metrics)
    assert 'breedbot_opinions_total{model="m1",opinion="right"} 1.0' in text
    assert 'breedbot_opinions_total{model="m1",opinion="wrong"} 2.0' in text
    assert 'breedbot_opinions_by_breed_total{breed="beagle",opinion="wrong"} 1.0' in text
    assert 'breedbot_opinions_by_breed_total{breed="none",opinion="wrong"} 1.0' in text
    assert "breedbot_wrong_share 0.75" in text


def test_who_does_not_know_or_takes_it_back_has_no_opinion() -> None:
    metrics = Metrics()
    metrics.verdict(Verdict.DONT_KNOW, "m1", "beagle")
    metrics.verdict(Verdict.WITHDRAWN, "m1", "beagle")

    assert "breedbot_opinions_total{" not in page(metrics)
    assert 'breedbot_verdicts_total{verdict="dont_know"} 1.0' in page(metrics)


def test_labels_cannot_grow_for_ever() -> None:
    metrics = Metrics()
    for number in range(2000):
        metrics.verdict(Verdict.CONFIRM, f"model-{number}", f"breed-{number}")

    text = page(metrics)
    assert text.count("breedbot_opinions_total{") == MODELS_LIMIT + 1
    assert text.count("breedbot_opinions_by_breed_total{") == BREEDS_LIMIT + 1
    assert f'breedbot_opinions_total{{model="other",opinion="right"}} {2000 - MODELS_LIMIT}.0' in text


def test_warnings_and_errors_are_counted_while_it_is_installed() -> None:
    metrics, log = Metrics(), logging.getLogger("bot.test")
    with CountedLines(lambda level: metrics.log_lines.labels(level).inc()).installed():
        log.info("well")
        log.warning("hm")
        log.error("oh")
    log.error("later")

    text = page(metrics)
    assert 'breedbot_log_lines_total{level="warning"} 1.0' in text
    assert 'breedbot_log_lines_total{level="error"} 1.0' in text


def test_the_process_itself_is_measured() -> None:
    assert "process_resident_memory_bytes" in page(Metrics())


def test_every_metric_is_in_the_table_for_operators() -> None:
    metrics = Metrics()
    WorkerMetrics(metrics.registry)
    table = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    names = {metric.name.removeprefix("breedbot_") for metric in metrics.registry.collect()}

    assert {name for name in names if not name.startswith("process_") and name not in table} == set()
