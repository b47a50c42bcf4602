"""A softmax head fitted to features: seconds on a laptop, no Keras."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FittedHead:
    """Logits are ``features @ weights + bias``.

    Attributes:
        weights: float32 [2048, classes].
        bias: float32 [classes].
    """

    weights: Float32
    bias: Float32

    def logits(self, features: NDArray[np.floating]) -> Float32:
        """Float [N, 2048] → float32 [N, classes]."""
        return np.asarray(features, np.float32) @ self.weights + self.bias


def fit_head(
    features: NDArray[np.floating],
    labels: NDArray[np.integer],
    classes: int,
    *,
    l2: float,
    sample_weights: Sequence[float] | None = None,
    max_steps: int = 300,
) -> FittedHead:
    """Multinomial logistic regression by L-BFGS; convex, so the result depends on the data only.

    Args:
        features: float [N, 2048].
        labels: int [N], 0 ≤ label < classes.
        classes: width of the head.
        l2: penalty on the squared weights of standardised features, per photo.
        sample_weights: one a photo; 1 where None.
        max_steps: bound on L-BFGS iterations.
    """
    scale = max(float(np.std(features, axis=0, dtype=np.float32).mean()), 1e-6)
    inputs = np.asarray(features, np.float32) / scale
    weight = np.ones(len(labels), np.float32) if sample_weights is None else np.asarray(sample_weights, np.float32)
    weight = (weight / weight.sum())[:, None]
    targets = np.eye(classes, dtype=np.float32)[labels]
    shape = (inputs.shape[1] + 1, classes)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        parameters = flat.reshape(shape).astype(np.float32)
        log_probability = log_softmax(inputs @ parameters[:-1] + parameters[-1], axis=1)
        error = (np.exp(log_probability) - targets) * weight
        gradient = np.vstack([inputs.T @ error + l2 * parameters[:-1], error.sum(0, keepdims=True)])
        value = -float((weight * targets * log_probability).sum()) + l2 / 2 * float((parameters[:-1] ** 2).sum())
        return value, gradient.ravel().astype(np.float64)

    start = np.zeros(shape).ravel()
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": max_steps, "maxcor": 20})
    solved = best.x.reshape(shape).astype(np.float32)
    return FittedHead(solved[:-1] / scale, solved[-1])
