"""Confident learning: which labels are probably wrong (Northcutt, Jiang, Chuang 2021, https://arxiv.org/abs/1911.00068).

A photo is suspected when heads that never saw it give another label at least the probability that photos of that label
usually get. Written after the paper's equations 1 and 2, but for `PLAIN`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.heads.out_of_fold import Probabilities

# No threshold is higher: on breeds that are told apart well the usual probability comes close to 1, and 0.986 for
# another breed, 0.01 for the given one, would pass.
PLAIN: Final = 0.9


@dataclass(frozen=True, slots=True)
class SuspectedLabel:
    """One photo whose label may be wrong.

    Attributes:
        row: of the photo.
        given: column of its label.
        suspected: column of what it may be instead.
        given_probability, suspected_probability: from a head that did not see the photo, nor its near-duplicates.
    """

    row: int
    given: int
    suspected: int
    given_probability: float
    suspected_probability: float

    @property
    def margin(self) -> float:
        """How sure: 1 is the most."""
        return self.suspected_probability - self.given_probability


def suspected_labels(probabilities: Probabilities, labels: NDArray[np.integer]) -> list[SuspectedLabel]:
    """The off-diagonal photos of the confident joint, surest first."""
    confident = _confident(probabilities, labels)
    found = [
        SuspectedLabel(
            row,
            int(labels[row]),
            int(column),
            float(probabilities[row, labels[row]]),
            float(probabilities[row, column]),
        )
        for row, column in enumerate(confident)
        if column not in {-1, labels[row]}
    ]
    return sorted(found, key=lambda suspect: -suspect.margin)


def noise_share(probabilities: Probabilities, labels: NDArray[np.integer]) -> float:
    """Estimated share of wrong labels: what is off the diagonal of the confident joint, scaled to the labels given."""
    confident = _confident(probabilities, labels)
    sure = confident >= 0
    classes = probabilities.shape[1]
    joint = np.zeros((classes, classes))
    np.add.at(joint, (labels[sure], confident[sure]), 1)
    given = np.bincount(labels, minlength=classes)
    per_label = joint / np.maximum(joint.sum(axis=1, keepdims=True), 1)
    wrong = (1 - np.diag(per_label)) * (joint.sum(axis=1) > 0)
    return float((wrong * given).sum() / max(given.sum(), 1))


def _confident(probabilities: Probabilities, labels: NDArray[np.integer]) -> NDArray[np.intp]:
    """The most probable label among those that reach their threshold, intp [N]; -1 where none does.

    The threshold of a label is the mean probability that photos with it are given for it (equation 2), or `PLAIN`.
    """
    classes = probabilities.shape[1]
    threshold = np.array([
        min(probabilities[labels == column, column].mean(), PLAIN) if (labels == column).any() else np.inf
        for column in range(classes)
    ])  # fmt: skip
    reached = np.where(probabilities >= threshold, probabilities, -1)
    best = reached.argmax(axis=1)
    return np.where(reached.max(axis=1) >= 0, best, -1)
