"""Metrics against values worked out by hand, and against what must hold for any answers."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.breeds import NOT_A_DOG
from inference.prediction import BreedScore, Kind, Prediction
from training.metrics import (
    Share,
    expected_calibration_error,
    measure,
    per_breed,
    reliability,
    risk_coverage,
)

ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200)


def prediction(best: str, confidence: float, kind: Kind = Kind.BREED, others: tuple[str, ...] = ()) -> Prediction:
    rest = tuple(BreedScore(breed, 0.01) for breed in (*others, "w", "x", "y", "z"))
    return Prediction(kind, (BreedScore(best, confidence), *rest)[:5], 0.0, "m", "b", np.zeros(1, np.float16))


def test_the_numbers_of_six_photos_are_those_worked_out_by_hand() -> None:
    labels = ["beagle", "beagle", "beagle", "pug", NOT_A_DOG, NOT_A_DOG]
    predictions = [
        prediction("beagle", 0.9),
        prediction("pug", 0.6, others=("beagle",)),
        prediction("borzoi", 0.3, Kind.UNSURE, others=("p", "q", "beagle")),
        prediction("pug", 0.8, Kind.NOT_A_DOG),
        prediction("pug", 0.1, Kind.NOT_A_DOG),
        prediction("pug", 0.4),
    ]

    metrics = measure(labels, predictions)

    assert metrics.n == 6
    assert (metrics.top1.value, metrics.top1.n) == (0.5, 4)
    assert (metrics.top3.value, metrics.top3.n) == (0.75, 4)
    assert metrics.breeds["beagle"].precision == 1.0
    assert metrics.breeds["beagle"].recall == pytest.approx(1 / 3)
    assert metrics.breeds["beagle"].f1 == pytest.approx(0.5)
    assert (metrics.breeds["pug"].precision, metrics.breeds["pug"].recall, metrics.breeds["pug"].n) == (0.5, 1.0, 1)
    assert set(metrics.breeds) == {"beagle", "pug"}
    assert metrics.precision == pytest.approx(0.75)
    assert metrics.recall == pytest.approx(2 / 3)
    assert metrics.f1 == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert metrics.ece == pytest.approx((0.1 + 0.6 + 0.3 + 0.2) / 4)  # more bins than dogs: each is a bin
    assert (metrics.not_a_dog_rejected.value, metrics.not_a_dog_rejected.n) == (0.5, 2)
    assert (metrics.dogs_rejected.value, metrics.unsure.value) == (0.25, 0.25)
    assert (metrics.answered_top1.value, metrics.answered_top1.n) == (0.5, 2)


@pytest.mark.parametrize("labels", [[], [NOT_A_DOG], ["pug"]])
def test_sets_without_dogs_or_without_others_are_measured_as_far_as_they_go(labels: list[str]) -> None:
    metrics = measure(labels, [prediction("pug", 1.0) for _ in labels])

    assert metrics.n == len(labels)
    assert 0 <= metrics.ece <= 1
    assert metrics.top1.n == labels.count("pug")
    assert metrics.not_a_dog_rejected.n == labels.count(NOT_A_DOG)


def test_labels_and_answers_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="shorter"):
        measure(["pug", "pug"], [prediction("pug", 1.0)])


def test_a_wilson_interval_is_the_published_one() -> None:
    share = Share.of(np.arange(10) < 8)  # Newcombe 1998, and any calculator: 8 of 10 → 0.4902–0.9433

    assert (share.value, share.n) == (0.8, 10)
    assert share.low == pytest.approx(0.4902, abs=1e-4)
    assert share.high == pytest.approx(0.9433, abs=1e-4)
    assert Share.of(np.zeros(0, np.bool_)) == Share(0.0, 0.0, 1.0, 0)


@given(hits=st.integers(0, 500), misses=st.integers(0, 500))
def test_an_interval_contains_its_value_and_shrinks_with_more_photos(hits: int, misses: int) -> None:
    truth = np.arange(hits + misses) < hits

    share, more = Share.of(truth), Share.of(np.tile(truth, 4))

    assert 0 <= share.low <= share.high <= 1
    assert share.low - 1e-12 <= share.value <= share.high + 1e-12 or share.n == 0
    assert more.high - more.low <= share.high - share.low


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


LABELLINGS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcd")), min_size=1, max_size=60)


@given(pairs=LABELLINGS)
def test_recall_weighted_by_photos_is_accuracy(pairs: list[tuple[str, str]]) -> None:
    truth, answer = (np.array(column) for column in zip(*pairs, strict=True))

    breeds = per_breed(truth, answer)

    assert set(breeds) == set(truth.tolist())
    assert sum(one.recall * one.n for one in breeds.values()) == pytest.approx(float((truth == answer).sum()))
    for one in breeds.values():
        assert min(one.precision, one.recall) - 1e-9 <= one.f1 <= max(one.precision, one.recall) + 1e-9


def test_metrics_are_plain_json() -> None:
    metrics = measure(["pug", NOT_A_DOG], [prediction("pug", 1.0), prediction("pug", 0.2, Kind.NOT_A_DOG)])

    assert json.loads(json.dumps(metrics.to_dict()))["top1"]["value"] == 1.0
