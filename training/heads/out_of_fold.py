"""What heads that never saw a photo say of it: to find wrong labels, and to soften the targets of a fine-tuning."""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.special import softmax

from training.heads.head_fit import fit_head

Probabilities = NDArray[np.float32]

FOLDS: Final = 5
L2: Final = 0.01  # the middle of what recipes choose from


def out_of_fold(
    features: NDArray[np.floating],
    labels: NDArray[np.integer],
    groups: Sequence[str],
    classes: int,
    *,
    seed: int = 1,
    l2: float = L2,
) -> Probabilities:
    """Probabilities [N, classes] of each photo, from a head fitted to the photos of other folds.

    Args:
        features: float [N, D].
        labels: int [N].
        groups: photos of one group are in one fold: a near-duplicate with the same wrong label would defend it.
        classes: width.
        seed: deals the folds.
        l2: penalty of the heads.
    """
    fold = _folds(labels, groups, seed)
    probabilities = np.zeros((len(labels), classes), np.float32)
    for number in track(range(FOLDS), "what others would say", console=Console(stderr=True)):
        held, used = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if len(held):
            head = fit_head(features[used], labels[used], classes, l2=l2)
            probabilities[held] = softmax(head.logits(features[held]), axis=1)
    return probabilities


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
