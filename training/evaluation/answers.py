"""What was answered beside the truth, as arrays: what every metric and plot is computed from. NumPy only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind, Prediction
from inference.model.head import TOP, Head


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Row i of every array is photo i.

    Attributes:
        truth: str [N], a breed's slug or ``not_a_dog``.
        ranked: str [N, K], the most probable breeds, most probable first; "" where a model knows fewer than K.
        confidence: float64 [N, K], 0–1, of those breeds.
        not_a_dog: float64 [N], probability that there is no dog, 0–1.
        kind: str [N], values of `Kind`.
        loss: float64 [N], negative log likelihood of the truth in nats, NaN where the model has no name for it;
            None where only the best breeds' probabilities are known.
    """

    truth: NDArray[np.str_]
    ranked: NDArray[np.str_]
    confidence: NDArray[np.float64]
    not_a_dog: NDArray[np.float64]
    kind: NDArray[np.str_]
    loss: NDArray[np.float64] | None = None

    @classmethod
    def of_predictions(cls, labels: Sequence[str], predictions: Sequence[Prediction], head: Head | None = None) -> Self:
        """From answers in the order of the labels; ``head``, whose they are, gives the loss by their features."""
        pairs = list(zip(labels, predictions, strict=True))
        columns = max((len(prediction.top) for prediction in predictions), default=1)
        ranked = [[score.breed for score in one.top] + [""] * (columns - len(one.top)) for _, one in pairs]
        confidence = [[score.confidence for score in one.top] + [0.0] * (columns - len(one.top)) for _, one in pairs]
        return cls(
            np.array(labels, np.str_),
            np.array(ranked, np.str_).reshape(len(pairs), columns),
            np.array(confidence, np.float64).reshape(len(pairs), columns),
            np.array([one.not_a_dog for _, one in pairs], np.float64),
            np.array([one.kind.value for _, one in pairs], np.str_),
            None if head is None else _losses_by_features(labels, predictions, head),
        )

    @classmethod
    def of_probabilities(
        cls, labels: Sequence[str], classes: Sequence[str], probabilities: NDArray[np.floating]
    ) -> Self:
        """From any network's softmax, float [N, classes], without thresholds: the likeliest breed is the answer."""
        names, labels_array = np.array(classes, np.str_), np.array(labels, np.str_)
        if probabilities.shape != (len(labels), len(names)):
            raise ValueError(f"expected probabilities [{len(labels)}, {len(names)}], got {list(probabilities.shape)}")
        breeds = np.flatnonzero(names != NOT_A_DOG)
        of_breeds = np.asarray(probabilities, np.float64)[:, breeds]
        order = np.argsort(-of_breeds, axis=1, kind="stable")[:, :TOP]
        confidence = np.take_along_axis(of_breeds, order, axis=1)
        others = np.asarray(probabilities, np.float64)[:, names == NOT_A_DOG].sum(axis=1)
        kind = np.where(others > confidence[:, 0], Kind.NOT_A_DOG.value, Kind.BREED.value)
        losses = _losses(labels, classes, probabilities)
        return cls(labels_array, names[breeds][order], confidence, others, kind, losses)

    @property
    def dogs(self) -> NDArray[np.bool_]:
        """Bool [N]: whether a dog is on the photo."""
        dogs: NDArray[np.bool_] = self.truth != NOT_A_DOG
        return dogs

    @property
    def best(self) -> NDArray[np.str_]:
        """Str [N]: the most probable breed, whatever the kind of the answer."""
        return self.ranked[:, 0]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Bool [N]: whether the most probable breed is the truth."""
        right: NDArray[np.bool_] = self.best == self.truth
        return right

    @property
    def answer(self) -> NDArray[np.str_]:
        """Str [N]: the most probable breed, or ``not_a_dog`` where the photo was rejected."""
        return np.where(self.kind == Kind.NOT_A_DOG.value, NOT_A_DOG, self.best)

    def among(self, count: int) -> NDArray[np.bool_]:
        """Bool [N]: whether the truth is one of the ``count`` most probable breeds."""
        hits: NDArray[np.bool_] = (self.ranked[:, :count] == self.truth[:, None]).any(axis=1)
        return hits


def _losses_by_features(labels: Sequence[str], predictions: Sequence[Prediction], head: Head) -> NDArray[np.float64]:
    if not predictions:
        return np.zeros(0)
    return _losses(labels, head.labels, head.probabilities(np.stack([one.features for one in predictions])))


def _losses(labels: Sequence[str], classes: Sequence[str], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    column = {name: number for number, name in enumerate(classes)}
    known = np.array([label in column for label in labels], np.bool_)
    columns = np.array([column.get(label, 0) for label in labels], np.intp)
    of_truth = np.asarray(probabilities, np.float64)[np.arange(len(labels)), columns]
    tiny = np.finfo(np.float32).tiny  # a softmax in float32 underflows to 0; the loss of one photo stays finite
    losses: NDArray[np.float64] = np.where(known, -np.log(np.maximum(of_truth, tiny)), np.nan)
    return losses
