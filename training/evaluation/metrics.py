"""How good answers are: accuracy, calibration and rejection, each with its uncertainty. NumPy only."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.prediction import Kind, Prediction
from inference.model.head import Head
from training.evaluation.answers import Answers
from training.evaluation.bootstrap import RESAMPLES, Interval, bootstrap, centred_interval, percentile_interval
from training.evaluation.confidence import (
    calibration_errors_of_rows,
    calibration_interval,
    errors_of_honest_answers,
    expected_calibration_error,
    risk_coverage,
    risks_of_rows,
)

Z95 = 1.959964
TOLD_AS_CERTAIN = 0.85
"""The confidence from which on people are told a breed as certain, without "probably"."""


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
    the answer; ``ece`` and ``aurc`` at that breed's confidence; ``not_a_dog_rejected`` and ``dogs_rejected`` at the
    kind; ``loss`` at every photo.

    Attributes:
        precision, recall, f1: means over the breeds, each of them counting the same.
        ece: expected calibration error over 15 bins of equal mass.
        ece_by_chance: the mean ECE of answers that are right exactly as often as they say, on as many photos;
            None without resampling.
        aurc: area under the risk–coverage curve: the mean error rate over all shares of photos answered.
        loss: mean negative log likelihood of the truth in nats over ``loss_n`` photos, dogs and others; None where
            full probabilities are not at hand.
        loss_n: photos whose label the model has a name for.
        intervals: 95 % bootstrap intervals of precision, recall, f1, ece, aurc and loss, by those names; the shares
            carry their own.
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
    ece_by_chance: float | None
    aurc: float
    loss: float | None
    loss_n: int
    intervals: dict[str, Interval]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def measure(
    labels: Sequence[str], predictions: Sequence[Prediction], head: Head | None = None, *, resamples: int = RESAMPLES
) -> Metrics:
    """Metrics of predictions against labels, in the same order; with the loss where their ``head`` is given."""
    return measure_answers(Answers.of_predictions(labels, predictions, head), resamples=resamples)


def measure_answers(answers: Answers, *, resamples: int = RESAMPLES) -> Metrics:
    """Metrics of any model's answers; ``resamples=0`` saves the time for intervals (0.4 s for 1,000 photos)."""
    dogs, kinds, right = answers.dogs, answers.kind, answers.right
    best_confidence = answers.confidence[:, 0]
    breeds = per_breed(answers.truth[dogs], answers.best[dogs])
    losses = _known(answers.loss)
    honest = errors_of_honest_answers(best_confidence[dogs], resamples) if resamples and dogs.any() else None
    return Metrics(
        n=len(answers.truth),
        top1=Share.of(right[dogs]),
        top3=Share.of(answers.among(3)[dogs]),
        precision=_mean([one.precision for one in breeds.values()]),
        recall=_mean([one.recall for one in breeds.values()]),
        f1=_mean([one.f1 for one in breeds.values()]),
        ece=expected_calibration_error(best_confidence[dogs], right[dogs]),
        not_a_dog_rejected=Share.of(kinds[~dogs] == Kind.NOT_A_DOG),
        dogs_rejected=Share.of(kinds[dogs] == Kind.NOT_A_DOG),
        unsure=Share.of(kinds[dogs] == Kind.UNSURE),
        answered_top1=Share.of(right[dogs & (kinds == Kind.BREED)]),
        breeds=breeds,
        ece_by_chance=None if honest is None else float(honest.mean()),
        aurc=_mean(risk_coverage(best_confidence[dogs], right[dogs])),
        loss=_mean(losses) if len(losses) else None,
        loss_n=len(losses),
        intervals=_loss_interval(losses, resamples) | ({} if honest is None else _intervals(answers, honest)),
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


def _intervals(answers: Answers, honest: NDArray[np.float64]) -> dict[str, Interval]:
    """Of everything that is computed from photos with a dog; ``honest`` has as many rows as there are resamples."""
    dogs = np.flatnonzero(answers.dogs)
    dogs = dogs[np.argsort(answers.confidence[dogs, 0], kind="stable")]  # ascending rows are then ordered by confidence
    truth, best = answers.truth[dogs], answers.best[dogs]
    right, confidence = truth == best, answers.confidence[dogs, 0]
    breeds, codes = np.unique(np.concatenate([truth, best]), return_inverse=True)
    truth_code, best_code = codes[: len(dogs)], codes[len(dogs) :]

    def statistics(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        scores = macro_scores_of_rows(truth_code[rows], best_code[rows], len(breeds))
        errors = calibration_errors_of_rows(confidence[rows], right[rows])
        areas = risks_of_rows(right[rows][:, ::-1]).mean(axis=1)
        return np.column_stack([scores, errors, areas])

    precision, recall, f1, errors, areas = bootstrap(statistics, len(dogs), len(honest)).T
    value = macro_scores_of_rows(truth_code[None], best_code[None], len(breeds))[0].tolist()
    macro = zip(("precision", "recall", "f1"), (precision, recall, f1), value, strict=True)
    ece = expected_calibration_error(confidence, right)
    return {
        **{name: centred_interval(values, one) for name, values, one in macro},
        "aurc": percentile_interval(areas),
        "ece": calibration_interval(ece, errors, honest),
    }


def macro_scores_of_rows(truth: NDArray[np.intp], answer: NDArray[np.intp], breeds: int) -> NDArray[np.float64]:
    """Macro precision, recall and F1 float64 [R, 3] of codes [R, N], over the breeds that occur in a row's truth."""
    of_truth, of_answer = _counts_of_rows(truth, breeds), _counts_of_rows(answer, breeds)
    hits = _counts_of_rows(np.where(truth == answer, truth, breeds), breeds + 1)[:, :breeds]
    occurs = of_truth > 0
    scores = (
        hits / np.maximum(of_answer, 1),
        hits / np.maximum(of_truth, 1),
        2 * hits / np.maximum(of_truth + of_answer, 1),
    )
    return np.column_stack([(score * occurs).sum(axis=1) / occurs.sum(axis=1) for score in scores])


def _counts_of_rows(codes: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    rows = len(codes)
    flat = codes + np.arange(rows)[:, None] * count
    counts: NDArray[np.intp] = np.bincount(flat.ravel(), minlength=rows * count).reshape(rows, count)
    return counts


def _loss_interval(losses: NDArray[np.float64], resamples: int) -> dict[str, Interval]:
    if not len(losses) or not resamples:
        return {}
    return {"loss": percentile_interval(bootstrap(lambda rows: losses[rows].mean(axis=1), len(losses), resamples))}


def _known(losses: NDArray[np.float64] | None) -> NDArray[np.float64]:
    return np.zeros(0) if losses is None else losses[~np.isnan(losses)]


def _mean(values: Sequence[float] | NDArray[np.float64]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
