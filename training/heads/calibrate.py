"""Temperature and thresholds from photos that the head was not fitted to."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from core.breeds.catalogue import NOT_A_DOG
from core.breeds.doubles import doubles_of_labels
from inference.model.head import UNTYPICAL_AT_MOST, Calibration, Head

DOGS_REJECTED = 0.002  # of the dogs whose rejection can be a mistake of the model; label errors come on top
UNSURE_ACCURACY = 0.5  # an answer that is wrong more often than right is no answer
UNTYPICAL = 0.1  # of the right answers that would be surer than an untypical dog's may be (decisions 0022 and 0026)


def calibrate(head: Head, features: NDArray[np.floating], labels: NDArray[np.str_]) -> Head:
    """Set temperature (least negative log likelihood), then the thresholds on the calibrated probabilities.

    Args:
        head: uncalibrated.
        features: float [N, D] of held-back photos.
        labels: str [N], breeds and ``not_a_dog``.
    """

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(head.calibrated(Calibration(float(np.exp(log_temperature)))), features, labels)

    temperature = float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))
    doubles = doubles_of_labels(head.labels)
    scaled = head.calibrated(Calibration(temperature, doubles=doubles))
    columns = _columns(head, labels)
    probabilities = scaled.probabilities(features)
    rejected = probabilities[:, head.labels.index(NOT_A_DOG)]
    is_dog = labels != NOT_A_DOG
    best = np.delete(probabilities, head.labels.index(NOT_A_DOG), axis=1).max(axis=1)
    right = probabilities.argmax(axis=1) == columns
    return head.calibrated(
        Calibration(
            temperature,
            unsure_below=unsure_threshold(best[is_dog], right[is_dog]),
            not_a_dog_above=not_a_dog_threshold(rejected[is_dog], rejected[~is_dog]),
            typical_from=typical_threshold(scaled.typicality(features[is_dog & right]), best[is_dog & right]),
            doubles=doubles,
        )
    )


def negative_log_likelihood(head: Head, features: NDArray[np.floating], labels: NDArray[np.str_]) -> float:
    """Mean over the photos, in nats."""
    return float(losses(head, features, labels).mean())


def losses(head: Head, features: NDArray[np.floating], labels: NDArray[np.str_]) -> NDArray[np.float64]:
    """Negative log likelihood of each photo's label, float64 [N], in nats."""
    columns = _columns(head, labels)
    likelihoods = log_softmax(head.logits(features) / head.calibration.temperature, axis=1)
    return -np.asarray(likelihoods[np.arange(len(columns)), columns], np.float64)


def not_a_dog_threshold(of_dogs: NDArray[np.floating], of_others: NDArray[np.floating]) -> float:
    """Lowest probability of ``not_a_dog``, from 0.5 up, above which at most ``DOGS_REJECTED`` of the dogs lie.

    Rejecting a person's dog is worse than naming a breed for a cat, so the dogs set the threshold. It stays below the
    99th percentile of the others: a few dogs labelled so by mistake cannot switch rejection off.
    """
    by_dogs = float(np.quantile(of_dogs, 1 - DOGS_REJECTED, method="higher")) if len(of_dogs) else 0.5
    by_others = float(np.quantile(of_others, 0.01, method="lower")) if len(of_others) else 1.0
    return float(np.clip(by_dogs, 0.5, max(0.5, by_others)))


def typical_threshold(
    typicality: NDArray[np.floating], confidence: NDArray[np.floating], untypical: float = UNTYPICAL
) -> float | None:
    """The typicality that all but a share ``untypical`` of the sure, right answers have; None where there are none.

    No photo of an unknown breed has a part in it: a head that is fitted anew finds its own.
    """
    sure = typicality[confidence > UNTYPICAL_AT_MOST]
    return float(np.quantile(sure, untypical)) if len(sure) else None


def unsure_threshold(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """Highest confidence below which fewer than ``UNSURE_ACCURACY`` of the answers are right, looked at in windows."""
    order = np.argsort(confidence, kind="stable")
    window = max(20, len(order) // 40)
    threshold = 0.0
    for end in range(window, len(order) + 1, window // 2):
        part = order[end - window : end]
        if right[part].mean() >= UNSURE_ACCURACY:
            break
        threshold = float(confidence[part].mean())
    return min(threshold, 0.6)


def _columns(head: Head, labels: NDArray[np.str_]) -> NDArray[np.intp]:
    return np.array([head.labels.index(label) for label in labels])
