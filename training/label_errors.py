"""Confident learning: which labels are probably wrong (Northcutt, Jiang, Chuang 2021, https://arxiv.org/abs/1911.00068).

A photo is suspected when heads that never saw it give another label at least the probability that photos of that label
usually get. Written after the paper's equations 1 and 2.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.special import softmax

from training.head_fit import fit_head

Probabilities = NDArray[np.float32]

FOLDS: Final = 5
L2: Final = 0.01  # the middle of what recipes choose from


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


def out_of_fold(
    features: NDArray[np.floating], labels: NDArray[np.integer], groups: Sequence[str], classes: int, *, seed: int = 1
) -> Probabilities:
    """Probabilities [N, classes] of each photo, from a head fitted to the photos of other folds.

    Args:
        features: float [N, D].
        labels: int [N].
        groups: photos of one group are in one fold: a near-duplicate with the same wrong label would defend it.
        classes: width.
        seed: deals the folds.
    """
    fold = _folds(labels, groups, seed)
    probabilities = np.zeros((len(labels), classes), np.float32)
    for number in track(range(FOLDS), "looking for wrong labels", console=Console(stderr=True)):
        held, used = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if len(held):
            head = fit_head(features[used], labels[used], classes, l2=L2)
            probabilities[held] = softmax(head.logits(features[held]), axis=1)
    return probabilities


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

    The threshold of a label is the mean probability that photos with it are given for it (equation 2).
    """
    classes = probabilities.shape[1]
    threshold = np.array([
        probabilities[labels == column, column].mean() if (labels == column).any() else np.inf
        for column in range(classes)
    ])  # fmt: skip
    reached = np.where(probabilities >= threshold, probabilities, -1)
    best = reached.argmax(axis=1)
    return np.where(reached.max(axis=1) >= 0, best, -1)


def _folds(labels: NDArray[np.integer], groups: Sequence[str], seed: int) -> NDArray[np.intp]:
    """Fold of each photo, intp [N]: the groups of each label are dealt in turn, so that no fold lacks it."""
    members: dict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    by_label: dict[int, list[list[int]]] = defaultdict(list)
    for rows in members.values():
        by_label[int(labels[rows[0]])].append(rows)
    fold = np.zeros(len(labels), np.intp)
    turn = 0
    for label in sorted(by_label):
        dealt = by_label[label]
        random.Random(f"{seed} {label}").shuffle(dealt)  # noqa: S311 (not a secret)
        for rows in dealt:
            fold[rows] = turn % FOLDS
            turn += 1
    return fold
