"""How far the champion takes breeds for each other, by its own answers to photos whose breed is known."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST: Final = 0.03  # what is shared less is left out

Shared = Mapping[tuple[str, str], float]


def shared_probability(probabilities: NDArray[np.floating], truth: NDArray[np.str_], labels: Sequence[str]) -> Shared:
    """Of each pair of labels, in both orders: the mean probability that photos of the one have of the other, 0–1.

    Of the two directions the greater one.

    Args:
        probabilities: float [N, labels] of golden photos.
        truth: str [N], what they show.
        labels: names of the columns.
    """
    found: dict[tuple[str, str], float] = {}
    for breed in np.unique(truth).tolist():
        means = probabilities[truth == breed].mean(axis=0)
        for column in np.flatnonzero(means >= LEAST).tolist():
            if (other := labels[column]) != breed:
                for pair in ((breed, other), (other, breed)):
                    found[pair] = max(found.get(pair, 0.0), float(means[column]))
    return found
