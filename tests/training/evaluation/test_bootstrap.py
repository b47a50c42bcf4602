"""The bootstrap against a textbook case."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.evaluation.bootstrap import bootstrap, centred_interval, percentile_interval


def test_the_interval_of_a_mean_is_the_one_that_its_standard_error_gives() -> None:
    values = np.random.default_rng(1).normal(10, 3, 400)

    low, high = percentile_interval(bootstrap(lambda rows: values[rows].mean(axis=1), 400))

    half = 1.96 * values.std() / np.sqrt(400)
    assert low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_an_interval_that_is_moved_by_its_bias_still_holds_the_value() -> None:
    lower = np.where(np.arange(1000) < 10, 0.5, 2 / 3)  # of three breeds, one of which some resamples leave out

    low, high = centred_interval(lower, 2 / 3)

    assert low <= 2 / 3 <= high


@pytest.mark.slow
def test_rows_are_whole_ascending_and_the_same_for_a_seed() -> None:
    seen: list[NDArray[np.intp]] = []

    def remember(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        seen.append(rows)
        return np.asarray(rows.mean(axis=1))

    first, second, other = (bootstrap(remember, 900_000, 3, seed) for seed in (1, 1, 2))

    assert first.tolist() == second.tolist() != other.tolist()
    assert [len(rows) for rows in seen[:2]] == [2, 1]  # in parts that fit into memory
    assert (np.diff(seen[0], axis=1) >= 0).all()


def test_several_statistics_are_resampled_together() -> None:
    both = bootstrap(lambda rows: np.column_stack([rows.min(axis=1), rows.max(axis=1)]), 10, 50)

    assert both.shape == (50, 2)
    assert (both[:, 0] <= both[:, 1]).all()
