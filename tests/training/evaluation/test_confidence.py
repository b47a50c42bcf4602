"""Calibration and caution against values worked out by hand, and against what must hold for any answers."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.bootstrap import bootstrap
from training.evaluation.confidence import (
    calibration_errors_of_rows,
    calibration_interval,
    errors_of_honest_answers,
    expected_calibration_error,
    reliability,
    risk_coverage,
    risks_of_rows,
)

ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200)


@given(answers=ANSWERS, bins=st.integers(1, 30))
def test_calibration_error_lies_between_overall_gap_and_one(answers: list[tuple[float, bool]], bins: int) -> None:
    confidence, right = (np.array(column) for column in zip(*answers, strict=True))

    error = expected_calibration_error(confidence, right, bins)

    assert abs(confidence.mean() - right.mean()) - 1e-9 <= error <= 1 + 1e-9


@given(answers=ANSWERS, bins=st.integers(1, 30))
def test_bins_hold_equally_many_answers_in_order(answers: list[tuple[float, bool]], bins: int) -> None:
    confidence, right = (np.array(column) for column in zip(*answers, strict=True))

    found = reliability(confidence, right, bins)

    assert sum(part.n for part in found) == len(answers)
    assert max(part.n for part in found) - min(part.n for part in found) <= 1
    assert all(one.confidence <= two.confidence + 1e-9 for one, two in pairwise(found))


def test_perfect_confidence_has_no_calibration_error() -> None:
    right = np.arange(90) % 3 == 0

    assert expected_calibration_error(right.astype(float), right) == 0
    assert expected_calibration_error(np.zeros(0), np.zeros(0, np.bool_)) == 0


def test_two_bins_are_averaged_by_their_size() -> None:
    confidence = np.array([0.2, 0.2, 0.9, 0.9])
    right = np.array([True, False, True, True])

    assert expected_calibration_error(confidence, right, bins=2) == pytest.approx((0.3 + 0.1) / 2)
    assert expected_calibration_error(confidence, right, bins=1) == pytest.approx(0.75 - 0.55)


def test_risk_grows_from_the_most_confident_answer_on() -> None:
    confidence = np.array([0.1, 0.9, 0.5, 0.7])
    right = np.array([False, True, False, True])

    np.testing.assert_allclose(risk_coverage(confidence, right), [0, 0, 1 / 3, 1 / 2])


@given(answers=ANSWERS)
def test_risk_at_full_coverage_is_the_error_rate(answers: list[tuple[float, bool]]) -> None:
    confidence, right = (np.array(column) for column in zip(*answers, strict=True))

    risk = risk_coverage(confidence, right)

    assert ((risk >= 0) & (risk <= 1)).all()
    assert risk[-1] == pytest.approx(1 - right.mean())


@given(answers=ANSWERS, bins=st.integers(1, 30))
def test_the_error_of_many_rows_is_that_of_each_by_its_bins(answers: list[tuple[float, bool]], bins: int) -> None:
    confidence, right = (np.array(column) for column in zip(*sorted(answers), strict=True))
    rows = np.stack([right, ~right])

    errors = calibration_errors_of_rows(np.stack([confidence, confidence]), rows, bins)

    for row, error in zip(rows, errors, strict=True):
        parts = reliability(confidence, row, bins)
        by_hand = sum(part.n * abs(part.confidence - part.accuracy) for part in parts) / len(row)
        assert error == pytest.approx(by_hand, abs=1e-9)


def test_risks_of_rows_are_those_of_each() -> None:
    right = np.array([[True, False, True], [False, False, True]])

    np.testing.assert_allclose(risks_of_rows(right), [[0, 1 / 2, 1 / 3], [1, 1, 2 / 3]])


@pytest.mark.parametrize(("claimed_too_much", "honest"), [(0.0, True), (0.25, False)])
def test_the_interval_of_the_error_reaches_zero_only_for_honest_answers(claimed_too_much: float, honest: bool) -> None:
    rng = np.random.default_rng(5)
    confidence = np.sort(rng.uniform(0.3, 1, 600))
    right = rng.random(600) < confidence - claimed_too_much
    error = expected_calibration_error(confidence, right)
    resampled = bootstrap(lambda rows: calibration_errors_of_rows(confidence[rows], right[rows]), 600, 300)

    low, high = calibration_interval(error, resampled, errors_of_honest_answers(confidence, 300))

    assert (low == 0) is honest
    assert low <= error <= high
    assert low <= claimed_too_much <= high


def test_chance_alone_gives_small_sets_an_error() -> None:
    few, many = (errors_of_honest_answers(np.full(n, 0.8), 100).mean() for n in (100, 10_000))

    assert few > 0.1
    assert many < 0.02
