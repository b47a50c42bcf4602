"""Reviewing is measured beside few and beside many claims, and takes the same time."""

import os
from pathlib import Path

import pytest

from breedbot.bench.learning.feedback_bench import STEPS, feedback_bench_table, run_feedback_bench


async def test_every_operation_is_measured_in_both_databases(tmp_path: Path) -> None:
    steps: list[int] = []
    measured = await run_feedback_bench(400, few=100, runs=2, folder=tmp_path, progress=steps.append)
    listed = measured.to_json()

    assert (listed["few"], listed["many"], listed["runs"]) == (100, 400, 2)
    assert len(listed["operations"]) == 16
    assert all(value > 0 for timing in listed["operations"].values() for value in timing.values())
    assert feedback_bench_table(measured).row_count == 17
    assert steps[-1] == STEPS
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - a loop is running


@pytest.mark.slow
async def test_reviews_take_the_same_time_beside_ten_times_as_many_claims(tmp_path: Path) -> None:
    measured = await run_feedback_bench(100_000, few=10_000, runs=20, folder=tmp_path, progress=lambda _: None)

    grown = {name: timing.many_ms / timing.few_ms for name, timing in measured.timings.items()}
    # What searches through all claims would take ten times as long; disks and caches are noisy.
    assert all(times < 4 for times in grown.values()), grown
