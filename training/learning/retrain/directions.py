"""The directions in which a retrain moves a head: some hundreds of the thousands that features have.

Those of the heads that are there, so that each of them answers as ever, and those in which photos differ most, the ones
above all that the base has wrong. In all others the penalty holds a head back anyway: the answers stay the same to
within what is noise, in less than half of the time and the memory (docs/learning.md has the measurement).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from inference.model.head import Head
from training.learning.gate.golden import Golden
from training.learning.gate.golden_checks import truth_probability
from training.learning.gate.labelled_rows import LabelledRows

DIRECTIONS: Final = 768  # besides those of the heads
SAMPLED: Final = 2048  # exemplars, and as many accepted photos, that they are found from
KNOWN: Final = 0.1  # weight of a photo that the base has right; that of one which it has wrong is 1.1
_ROWS: Final = 1024

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """Between features and their coordinates along some directions.

    Attributes:
        columns: float32 [D, K], orthonormal.
        learned: along the first so many a head may be moved: what the champion was taught has no part in those.
    """

    columns: Float32
    learned: int

    @classmethod
    def of(cls, heads: Sequence[Head], golden: Golden, photos: LabelledRows, count: int = DIRECTIONS) -> Self:
        """Those of all heads, and `count` more with the first one's eyes; of the same photos always the same.

        A random subspace that the photos' covariance has turned once holds nearly all that its leading eigenvectors do
        (Halko, Martinsson & Tropp 2011, https://doi.org/10.1137/090771806).
        """
        rows = _weighed(heads[0], golden.replayed, photos)
        drawn = np.random.default_rng(1).normal(size=(rows.shape[1], min(count, *rows.shape))).astype(np.float32)
        turned = rows.T @ (rows @ drawn)
        turned /= max(float(np.abs(turned).max()), 1e-6)
        base, *others = {head.weights.tobytes(): head.weights for head in heads}.values()
        spanned = np.concatenate([base, turned, *others], axis=1)
        learned = min(base.shape[1] + turned.shape[1], len(spanned))
        columns = qr(spanned, mode="economic", overwrite_a=True, check_finite=False)[0]
        return cls(np.ascontiguousarray(columns, np.float32), learned)

    def rows(self, photos: LabelledRows) -> LabelledRows:
        """The same photos with float32 [N, K]."""
        along = np.empty((len(photos), self.columns.shape[1]), np.float32)
        for start in range(0, len(photos), _ROWS):
            np.matmul(photos.features[start : start + _ROWS], self.columns, out=along[start : start + _ROWS])
        return LabelledRows(along, photos.labels)

    def golden(self, golden: Golden) -> Golden:
        """The same of the photos that are always there."""
        return Golden(self.rows(golden.photos), self.rows(golden.replayed), whole=golden)

    def head(self, whole: Head) -> Head:
        """Of a head for all features that lies in these directions: the same answers from the coordinates."""
        return replace(whole, weights=self.columns.T @ whole.weights)

    def whole(self, head: Head) -> Head:
        """Of a head for the coordinates: the same answers from all features."""
        return replace(head, weights=self.columns @ head.weights)


def _weighed(base: Head, replay: LabelledRows, photos: LabelledRows) -> Float32:
    """Exemplars, and the photos that the base has most wrong: float32 [N, D] around their mean, by weight."""
    wrong = 1 - truth_probability(base, photos)
    most = np.sort(np.argsort(-wrong, kind="stable")[:SAMPLED])
    rows = np.concatenate([replay.features[:: max(1, len(replay) // SAMPLED)], photos.features[most]])
    rows -= rows.mean(axis=0)
    rows *= KNOWN
    rows[len(rows) - len(most) :] *= (1 + wrong[most] / KNOWN)[:, None]
    return rows
