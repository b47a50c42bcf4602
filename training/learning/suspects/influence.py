"""What each accepted photo does to a head's answers about other photos: group influence, by one Newton step.

The base is the optimum without any accepted photo (`fit.py`), so a photo moves the head from there by its slope,
divided by the curvature: the features' covariance, for every class the same, plus the penalty, as in `head_fit.py`. The
loss is linear in the photos there, so the influence of a person is the sum of that of their photos (Koh et al. 2019,
https://arxiv.org/abs/1905.13289).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import softmax

from inference.model.head import Head
from training.heads.head_fit import CURVATURE, MAPPED
from training.learning.gate.golden import Golden
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.retrain.fit import L2, balanced, widened

Float64 = NDArray[np.float64]


class Influence:
    """Of photos that were learned, on what a head says of others."""

    def __init__(self, base: Head, learned_head: Head, golden: Golden, learned: LabelledRows) -> None:
        """`learned_head`: fitted to `learned`, all of whose labels it has, from `base`."""
        self._labels = learned_head.labels
        self._head = learned_head
        rows = np.concatenate([golden.replayed.features, learned.features])
        self._centre = rows.mean(axis=0)
        self._scale = np.float32(golden.scale)
        some = self._inputs(rows[:: max(1, len(rows) // MAPPED)])
        curved = some.T @ some / len(some) * np.float32(CURVATURE / len(self._labels))
        curved[np.diag_indices_from(curved)] += L2
        self._curvature = cho_factor(curved, lower=True, overwrite_a=True, check_finite=False)
        wide = widened(base, self._labels)
        columns = _columns(self._labels, learned.labels)
        pushed = np.eye(len(self._labels), dtype=np.float32)[columns] - softmax(wide.logits(learned.features), axis=1)
        self._push = pushed * balanced(columns)[:, None].astype(np.float32)
        self._learned = self._inputs(learned.features)

    def on(self, photos: LabelledRows, weights: NDArray[np.floating]) -> Float64:
        """What each learned photo adds to the weighted sum of the probabilities of what these photos show.

        Float64 [learned], up to one factor that is the same for all: only their shares mean something.
        """
        said = softmax(self._head.logits(photos.features), axis=1)
        columns = _columns(self._labels, photos.labels)
        truth = said[np.arange(len(columns)), columns]
        wanted = (np.eye(len(self._labels), dtype=np.float32)[columns] - said) * (truth * weights)[:, None]
        slope = self._inputs(photos.features).T @ wanted.astype(np.float32)
        direction = cho_solve(self._curvature, slope, check_finite=False)
        bias = wanted.sum(axis=0) / (CURVATURE / len(self._labels))
        return np.asarray(np.einsum("ij,ij->i", self._learned @ direction + bias, self._push), np.float64)

    def _inputs(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        return np.asarray((features - self._centre) / self._scale, np.float32)


def _columns(labels: tuple[str, ...], wanted: NDArray[np.str_]) -> NDArray[np.intp]:
    place = {label: column for column, label in enumerate(labels)}
    return np.array([place[label] for label in wanted.tolist()], np.intp)
