"""How good answers are: accuracy, calibration and rejection, each with its uncertainty. NumPy only."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.breeds import NOT_A_DOG
from inference.prediction import Kind, Prediction

ECE_BINS = 15
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion with its 95 % Wilson interval (Wilson 1927).

    Attributes:
        value: hits / n; NaN-free: 0 where n is 0.
        low: lower end, 0–1.
        high: upper end, 0–1.
        n: photos counted.
    """

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, hits: NDArray[np.bool_]) -> "Share":
        """From one truth value a photo."""
        n = len(hits)
        if n == 0:
            return cls(0.0, 0.0, 1.0, 0)
        p = float(hits.mean())
        centre, half = p + Z95**2 / (2 * n), Z95 * float(np.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n)))
        bounds = ((centre + side * half) / (1 + Z95**2 / n) for side in (-1, 1))
        low, high = (min(1.0, max(0.0, bound)) for bound in bounds)
        return cls(p, low, high, n)


@dataclass(frozen=True, slots=True)
class BreedMetrics:
    """One breed's precision, recall and F1, 0–1, over ``n`` photos of it."""

    precision: float
    recall: float
    f1: float
    n: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """What ``breedbot evaluate`` reports.

    Top-1, top-3, precision, recall and F1 look at the most probable breed of photos with a dog, whatever the kind of
    the answer; ``ece`` at that breed's confidence; ``not_a_dog_rejected`` and ``dogs_rejected`` at the kind.
    """

    n: int
    top1: Share
    top3: Share
    precision: float
    recall: float
    f1: float
    ece: float
    not_a_dog_rejected: Share
    dogs_rejected: Share
    unsure: Share
    answered_top1: Share
    breeds: dict[str, BreedMetrics]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def measure(labels: Sequence[str], predictions: Sequence[Prediction]) -> Metrics:
    """Metrics of predictions against labels, in the same order."""
    truth = np.array(labels, dtype=np.str_)
    dogs = truth != NOT_A_DOG
    kinds = np.array([prediction.kind.value for prediction in predictions], dtype=np.str_)
    ranked = [[score.breed for score in prediction.top] for prediction in predictions]
    best = np.array([breeds[0] for breeds in ranked], dtype=np.str_)
    right = best == truth
    in_top3 = np.array([label in breeds[:3] for label, breeds in zip(labels, ranked, strict=True)], dtype=np.bool_)
    confidence = np.array([prediction.top[0].confidence for prediction in predictions])
    breeds = per_breed(truth[dogs], best[dogs])
    answered = dogs & (kinds == Kind.BREED)
    return Metrics(
        n=len(truth),
        top1=Share.of(right[dogs]),
        top3=Share.of(in_top3[dogs]),
        precision=_mean([one.precision for one in breeds.values()]),
        recall=_mean([one.recall for one in breeds.values()]),
        f1=_mean([one.f1 for one in breeds.values()]),
        ece=expected_calibration_error(confidence[dogs], right[dogs]),
        not_a_dog_rejected=Share.of(kinds[~dogs] == Kind.NOT_A_DOG),
        dogs_rejected=Share.of(kinds[dogs] == Kind.NOT_A_DOG),
        unsure=Share.of(kinds[dogs] == Kind.UNSURE),
        answered_top1=Share.of(right[answered]),
        breeds=breeds,
    )


def per_breed(truth: NDArray[np.str_], answer: NDArray[np.str_]) -> dict[str, BreedMetrics]:
    """Metrics of each breed that occurs in ``truth``."""
    result = {}
    for breed in sorted(set(truth.tolist())):
        hits = int(((truth == breed) & (answer == breed)).sum())
        answered, n = int((answer == breed).sum()), int((truth == breed).sum())
        precision, recall = hits / answered if answered else 0.0, hits / n
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        result[breed] = BreedMetrics(precision, recall, f1, n)
    return result


def expected_calibration_error(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = ECE_BINS
) -> float:
    """Mean gap between confidence and accuracy over equal-mass bins (Nixon et al. 2019, arXiv:1904.01685)."""
    if len(confidence) == 0:
        return 0.0
    return float(
        sum(part.n * abs(part.confidence - part.accuracy) for part in reliability(confidence, right, bins))
    ) / len(confidence)


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Mean confidence against accuracy of ``n`` photos."""

    confidence: float
    accuracy: float
    n: int


def reliability(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = ECE_BINS
) -> list[ReliabilityBin]:
    """Bins of equal mass, from the least to the most confident."""
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [ReliabilityBin(float(confidence[part].mean()), float(right[part].mean()), len(part)) for part in parts]


def risk_coverage(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Error rate float64 [N] among the k+1 most confident answers, k = 0 … N-1 (El-Yaniv & Wiener 2010)."""
    order = np.argsort(-confidence, kind="stable")
    risk: NDArray[np.float64] = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    return risk


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
