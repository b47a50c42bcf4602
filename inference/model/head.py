"""The last layer: features → calibrated probabilities → an answer as specific as they allow."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import BreedScore, Kind, Prediction

TOP = 5
UNTYPICAL_AT_MOST = 0.84
"""How sure an answer may be of a dog that is not typical of its breed: less than what people are told as certain."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns logits into honest answers.

    Attributes:
        temperature: logits are divided by it (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
        unsure_below: the best breed's probability under which the answer is "unsure".
        not_a_dog_above: probability of ``not_a_dog`` above which the answer is "not a dog".
        typical_from: what speaks for a breed (`Head.typicality`) from which on a dog is typical of it; with less it may
            be of a breed that the head does not know, and no answer is surer than ``UNTYPICAL_AT_MOST``. None: not
            known.
        doubles: of each label, to one dog of it how many of breeds without a label are taken for it
            (`core/breeds/doubles.py`). Empty: not known.
    """

    temperature: float = 1.0
    unsure_below: float = 0.0
    not_a_dog_above: float = 0.5
    typical_from: float | None = None
    doubles: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be a calibration."""
        probabilities = (self.unsure_below, self.not_a_dog_above)
        numbers = (self.temperature, 0.0 if self.typical_from is None else self.typical_from, *self.doubles)
        possible = self.temperature > 0 and all(0 <= p <= 1 for p in probabilities)
        if not (possible and np.isfinite(numbers).all() and min(self.doubles, default=0) >= 0):
            raise ValueError(f"impossible calibration {asdict(self)}")


@dataclass(frozen=True, slots=True)
class Head:
    """``softmax((features @ weights + bias) / temperature)``.

    Attributes:
        model: its id.
        backbone: id of the backbone whose features it reads.
        labels: breed slugs and ``not_a_dog``, in the order of the columns.
        weights: float32 [D, labels].
        bias: float32 [labels].
    """

    model: str
    backbone: str
    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    calibration: Calibration

    def __post_init__(self) -> None:
        """Refuse weights that do not fit the labels."""
        columns = len(self.labels)
        if self.weights.ndim != 2 or self.weights.shape[1] != columns or self.bias.shape != (columns,):
            shapes = f"weights {self.weights.shape}, bias {self.bias.shape}"
            raise ValueError(f"head {self.model}: {columns} labels, but {shapes}")
        if not (np.isfinite(self.weights).all() and np.isfinite(self.bias).all()):
            raise ValueError(f"head {self.model}: weights are not finite")
        if NOT_A_DOG not in self.labels or len(set(self.labels)) != columns or columns < 2:
            raise ValueError(f"head {self.model}: labels must be unique and contain {NOT_A_DOG} and a breed")
        if len(self.calibration.doubles) not in {0, columns}:
            raise ValueError(f"head {self.model}: {columns} labels, but {len(self.calibration.doubles)} doubles")

    def logits(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Float [N, D] → float32 [N, labels], before the temperature."""
        logits: NDArray[np.float32] = np.asarray(features, np.float32) @ self.weights + self.bias
        return logits

    def probabilities(self, features: NDArray[np.floating], softened: float = 1.0) -> NDArray[np.float32]:
        """Float [N, D] → float32 [N, labels], rows sum to 1; `softened` multiplies the temperature."""
        return softmax(self.logits(features) / (self.calibration.temperature * softened))

    def told(self, features: NDArray[np.floating], softened: float = 1.0) -> NDArray[np.float32]:
        """The probabilities as people are told them, float32 [N, labels].

        Where a dog is not typical of its breed, those of all breeds are made smaller alike, and the rows sum to less
        than 1: the rest is for breeds without a label.
        """
        logits = self.logits(features) / self.calibration.temperature
        rows = softmax(logits / softened)
        if self.calibration.typical_from is None:
            return rows
        is_breed = np.array([label != NOT_A_DOG for label in self.labels])
        surest = np.where(is_breed, rows, 0).max(axis=1, keepdims=True)
        typical = self._evidence(logits, self.calibration.doubles) >= self.calibration.typical_from
        too_sure = (surest > UNTYPICAL_AT_MOST) & ~typical[:, None]
        smaller = np.float32(UNTYPICAL_AT_MOST) / np.maximum(surest, UNTYPICAL_AT_MOST)
        return np.where(too_sure & is_breed, rows * smaller, rows)

    def evidence(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """What speaks for the breeds that dogs are taken for: float [N, D] → float32 [N].

        What speaks for the best breed at all (its logit), and what speaks for it more than for the other labels (its
        log odds). A probability knows the second alone: a dog of an unknown breed is often like one breed a little, and
        like no other at all (Hendrycks et al. 2022, https://arxiv.org/abs/1911.11132, on the largest logit).
        """
        return self._evidence(self.logits(features) / self.calibration.temperature)

    def typicality(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """How typical dogs are of the breeds that they are taken for: float [N, D] → float32 [N].

        As `evidence`, but the breed's doubles count among the others: what speaks for it speaks for them as well, and
        there are so many more or fewer of them.
        """
        return self._evidence(self.logits(features) / self.calibration.temperature, self.calibration.doubles)

    def predictions(self, features: NDArray[np.floating], softened: float = 1.0) -> list[Prediction]:
        """One answer a row of float [N, D]; `softened` as above."""
        rows, stored, answers = self.told(features, softened), np.asarray(features, np.float16), list[Prediction]()
        no_dog = self.labels.index(NOT_A_DOG)
        best = np.argsort(-rows, axis=1, kind="stable")[:, : TOP + 1].tolist()  # one of them may be no dog
        for row, order, vector in zip(rows, best, stored, strict=True):
            dogs = [column for column in order if column != no_dog][:TOP]
            top = tuple(BreedScore(self.labels[column], float(row[column])) for column in dogs)
            not_a_dog = float(row[no_dog])
            kind = Kind.UNSURE if top[0].confidence < self.calibration.unsure_below else Kind.BREED
            if not_a_dog > self.calibration.not_a_dog_above:
                kind = Kind.NOT_A_DOG
            answers.append(Prediction(kind, top, not_a_dog, self.model, self.backbone, vector))
        return answers

    def activation_map(self, positions: NDArray[np.float32], breed: str) -> NDArray[np.float32]:
        """Where in the photo the evidence for a breed lies (Zhou et al. 2015, https://arxiv.org/abs/1512.04150).

        Exact, since the features are the mean over positions: the map's mean plus the bias is the breed's logit.

        Args:
            positions: float32 [h, w, D], a photo's map.
            breed: one of ``labels``.

        Returns:
            float32 [h, w], in logits.
        """
        evidence: NDArray[np.float32] = positions @ self.weights[:, self.labels.index(breed)]
        return evidence

    def contrast_map(self, positions: NDArray[np.float32], breed: str, against: str) -> NDArray[np.float32]:
        """Where the photo speaks for one label rather than another, and by how much: the difference of their maps.

        Exact for the same reason: its mean plus the difference of the two biases is that of the two logits.
        """
        evidence: NDArray[np.float32] = positions @ (
            self.weights[:, self.labels.index(breed)] - self.weights[:, self.labels.index(against)]
        )
        return evidence

    def calibrated(self, calibration: Calibration) -> Self:
        """The same head with another calibration."""
        return replace(self, calibration=calibration)

    def _evidence(self, logits: NDArray[np.float32], doubles: Sequence[float] = ()) -> NDArray[np.float32]:
        """Of logits divided by the temperature."""
        no_dog = self.labels.index(NOT_A_DOG)
        breeds = logits.copy()
        breeds[:, no_dog] = -np.inf
        best = breeds.argmax(axis=1)
        rows = np.arange(len(logits))
        others = logits.copy()
        others[rows, best] = -np.inf
        most = others.max(axis=1, keepdims=True)
        against = most[:, 0] + np.log(np.exp(others - most).sum(axis=1))
        if doubles:
            odds = np.maximum(np.asarray(doubles, np.float32)[best], np.finfo(np.float32).tiny)
            against = np.logaddexp(against, logits[rows, best] + np.log(odds))
        return np.asarray(2 * logits[rows, best] - against, np.float32)


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    """Over the last axis, without overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), np.float32)


def read_head(path: Path, model: str, backbone: str, labels: Sequence[str], calibration: Calibration) -> Head:
    """Read ``head.npz``; never unpickles."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        weights, bias = (np.asarray(arrays[name], np.float32) for name in ("weights", "bias"))
        return Head(model, backbone, tuple(labels), weights, bias, calibration)


def write_head(path: Path, head: Head) -> None:
    """Write ``head.npz``."""
    np.savez_compressed(path, allow_pickle=False, weights=head.weights, bias=head.bias)
