"""Temperature is recovered, thresholds keep the bounds that they state."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from inference.model.head import UNTYPICAL_AT_MOST, Calibration, Head
from training.evaluation.confidence import expected_calibration_error
from training.heads.calibrate import (
    DOGS_REJECTED,
    UNSURE_ACCURACY,
    UNTYPICAL,
    calibrate,
    negative_log_likelihood,
    not_a_dog_threshold,
    typical_threshold,
    unsure_threshold,
)

LABELS = ("beagle", "borzoi", "pug", NOT_A_DOG)
SHARES = arrays(np.float64, st.integers(1, 400), elements=st.floats(0, 1))


def passing_head() -> Head:
    """Features are the logits."""
    return Head("made", "bones", LABELS, np.eye(4, dtype=np.float32), np.zeros(4, np.float32), Calibration())


def drawn_from(temperature: float, count: int = 6000) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Logits float64 [N, 4], and labels that occur as often as softmax(logits / temperature) says."""
    rng = np.random.default_rng(1)
    logits = rng.normal(scale=3, size=(count, 4))
    gumbel = rng.gumbel(size=(count, 4))
    return logits, np.array(LABELS)[(logits / temperature + gumbel).argmax(axis=1)]


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_recovered(temperature: float) -> None:
    logits, labels = drawn_from(temperature)

    head = calibrate(passing_head(), logits, labels)

    assert head.calibration.temperature == pytest.approx(temperature, rel=0.08)
    confidence = head.probabilities(logits).max(axis=1)
    right = np.array(LABELS)[logits.argmax(axis=1)] == labels
    assert expected_calibration_error(confidence, right) < 0.025


def test_calibration_never_makes_the_likelihood_worse() -> None:
    logits, labels = drawn_from(3.0, 300)
    head = passing_head()

    assert negative_log_likelihood(calibrate(head, logits, labels), logits, labels) <= negative_log_likelihood(
        head, logits, labels
    )


def test_the_likelihood_is_the_one_worked_out_by_hand() -> None:
    head = passing_head()
    logits = np.log(np.array([[0.5, 0.2, 0.2, 0.1], [0.25, 0.25, 0.25, 0.25]]))

    loss = negative_log_likelihood(head, logits, np.array(["beagle", NOT_A_DOG]))

    assert loss == pytest.approx(-(np.log(0.5) + np.log(0.25)) / 2, abs=1e-6)


@given(dogs=SHARES, others=SHARES)
def test_no_more_dogs_are_rejected_than_stated_unless_nearly_all_others_are_below(
    dogs: NDArray[np.float64], others: NDArray[np.float64]
) -> None:
    threshold = not_a_dog_threshold(dogs, others)

    assert 0.5 <= threshold <= 1
    few_dogs = (dogs > threshold).mean() <= DOGS_REJECTED
    nearly_all_others = (others >= threshold).mean() >= 0.99
    assert few_dogs or nearly_all_others or threshold == 0.5


def test_mislabelled_dogs_do_not_switch_rejection_off() -> None:
    dogs = np.array([0.01] * 490 + [0.999] * 10)
    others = np.full(200, 0.98)

    assert not_a_dog_threshold(dogs, others) <= 0.98


def test_sets_without_others_or_without_dogs_still_get_a_threshold() -> None:
    none = np.zeros(0)

    assert not_a_dog_threshold(np.array([0.1, 0.7]), none) == 0.7
    assert not_a_dog_threshold(none, np.array([0.9])) == 0.5


def test_a_head_without_photos_of_not_a_dog_is_calibrated() -> None:
    logits, labels = drawn_from(1.5)
    dogs = labels != NOT_A_DOG

    head = calibrate(passing_head(), logits[dogs], labels[dogs])

    assert 0.5 <= head.calibration.not_a_dog_above <= 1


@given(confidence=SHARES, seed=st.integers(0, 99))
def test_unsure_is_bounded(confidence: NDArray[np.float64], seed: int) -> None:
    right = np.random.default_rng(seed).random(len(confidence)) < confidence

    assert 0 <= unsure_threshold(confidence, right) <= 0.6


def test_unsure_begins_where_answers_become_wrong_more_often_than_right() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.random(8000)
    right = rng.random(8000) < np.clip(confidence + 0.1, 0, 1)

    threshold = unsure_threshold(confidence, right)

    assert threshold == pytest.approx(UNSURE_ACCURACY - 0.1, abs=0.08)
    assert right[confidence < threshold].mean() < UNSURE_ACCURACY


def test_answers_that_are_always_right_are_never_unsure() -> None:
    assert unsure_threshold(np.linspace(0, 1, 100), np.ones(100, np.bool_)) == 0
    assert unsure_threshold(np.zeros(0), np.zeros(0, np.bool_)) == 0
    assert unsure_threshold(np.linspace(0, 1, 100), np.zeros(100, np.bool_)) == 0.6


def test_nearly_all_sure_and_right_answers_stay_as_sure_as_they_are() -> None:
    rng = np.random.default_rng(1)
    evidence, confidence = rng.normal(20, 5, 1000), rng.random(1000)
    sure = confidence > UNTYPICAL_AT_MOST

    threshold = typical_threshold(evidence, confidence)

    assert threshold is not None
    assert (evidence[sure] < threshold).mean() == pytest.approx(UNTYPICAL, abs=0.01)
    assert typical_threshold(evidence[~sure], confidence[~sure]) is None


def test_a_label_that_the_head_does_not_know_is_an_error() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        calibrate(passing_head(), np.zeros((1, 4)), np.array(["whippet"]))
