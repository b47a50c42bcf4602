"""Fewer dimensions: the directions in which features vary most (PCA), and how to do without them when serving."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FeatureReduction:
    """Reduced features are ``(features - mean) @ directions``.

    Attributes:
        mean: float32 [D].
        directions: float32 [D, K], orthonormal, largest variance first.
        variance_kept: share of the training features' variance along them.
    """

    mean: Float32
    directions: Float32
    variance_kept: float

    def __call__(self, features: NDArray[np.floating]) -> Float32:
        """Float [N, D] → float32 [N, K]."""
        return np.asarray((np.asarray(features, np.float32) - self.mean) @ self.directions, np.float32)

    def unfold(self, weights: Float32, bias: Float32) -> tuple[Float32, Float32]:
        """Turn a head on reduced features, float32 [K, classes], into the head on whole features with the same logits.

        So serving needs no step more: both are linear.
        """
        whole = self.directions @ weights
        return whole, bias - self.mean @ whole

    @classmethod
    def of(cls, fitted: PCA) -> Self:
        """Take over what scikit-learn found."""
        kept = float(fitted.explained_variance_ratio_.sum())
        return cls(fitted.mean_.astype(np.float32), fitted.components_.T.astype(np.float32), kept)


def reduce_features(train: NDArray[np.floating], keep: float = 0.95) -> FeatureReduction:
    """Find the fewest directions that keep this share of the variance of the training features, and of no others.

    Args:
        train: float [N, D].
        keep: 0 < keep < 1.

    Raises:
        ValueError: fewer than two photos, or a share that cannot be kept.
    """
    if not 0 < keep < 1:
        raise ValueError(f"keep={keep}: expected a share of the variance between 0 and 1, such as 0.95")
    if len(train) < 2:
        raise ValueError(f"{len(train)} photo: variance takes at least two")
    # The D × D covariance is the smaller problem where there are more photos than features.
    solver = "covariance_eigh" if len(train) > train.shape[1] else "full"
    return FeatureReduction.of(PCA(keep, svd_solver=solver).fit(np.asarray(train, np.float32)))
