"""A softmax head fitted to features: seconds on a laptop, no Keras."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

CURVATURE = 0.1  # share of the loss's curvature at even odds that is left once most photos are classified rightly
TOLERANCE = 3e-6  # ten times finer, one answer in 10,000 is another one
MAPPED = 4096  # photos whose covariance stands for that of all: it changes the number of steps, not where they lead
WELL_CONDITIONED = 1e-6  # share of the largest curvature that float32 can tell from nothing, with room to spare

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FittedHead:
    """Logits are ``features @ weights + bias``.

    Attributes:
        weights: float32 [D, classes].
        bias: float32 [classes].
    """

    weights: Float32
    bias: Float32

    def logits(self, features: NDArray[np.floating]) -> Float32:
        """Float [N, D] → float32 [N, classes]."""
        return np.asarray(features, np.float32) @ self.weights + self.bias


def fit_head(
    features: NDArray[np.floating],
    labels: NDArray[np.integer] | NDArray[np.floating],
    classes: int,
    *,
    l2: float,
    sample_weights: Sequence[float] | None = None,
    start: FittedHead | None = None,
    towards: FittedHead | None = None,
    scale: float | None = None,
    tolerance: float = TOLERANCE,
    max_steps: int = 300,
    overwrite: bool = False,
) -> FittedHead:
    """Multinomial logistic regression by L-BFGS; convex, so the result depends on the data only.

    Args:
        features: float [N, D].
        labels: int [N], 0 ≤ label < classes; or soft ones, float [N, classes], whose rows sum to 1.
        classes: width of the head.
        l2: penalty on the squared weights of standardised features, per photo.
        sample_weights: one a photo; 1 where None.
        start: a head to begin from, for fewer steps where it is close; else `towards`, or zeros.
        towards: a head that the penalty pulls to instead of to zero: what the photos say nothing about stays as it is.
        scale: what standardised features were divided by; None: the mean of their standard deviations.
        tolerance: nats a photo that the last step may still gain.
        max_steps: bound on L-BFGS iterations; some 70 are usual.
        overwrite: float32 features may be spoiled: most of the memory that a fit takes would be their copy.
    """
    weight = np.ones(len(labels), np.float32) if sample_weights is None else np.asarray(sample_weights, np.float32)
    weight = (weight / weight.sum())[:, None]
    inputs = np.asarray(features, np.float32) if overwrite else np.array(features, np.float32)
    middle = weight[:, 0] @ inputs
    inputs -= middle
    unit = np.float32(_spread(inputs) if scale is None else scale)
    inputs /= unit
    centre = middle / unit
    targets = np.asarray(labels if labels.ndim == 2 else np.eye(classes)[labels], np.float32)
    origin = np.zeros((inputs.shape[1], classes), np.float32) if towards is None else towards.weights * unit
    regression = _Regression.of(inputs, targets, weight, l2, origin)
    begin = np.zeros((inputs.shape[1] + 1, classes)).ravel()
    if (start := start or towards) is not None:
        weights = start.weights * unit
        begin = regression.flat(weights, start.bias + centre @ weights)
    solved = minimize(
        regression.loss,
        begin,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": max_steps, "maxcor": 10, "ftol": tolerance, "gtol": 0.0},
    )
    weights, bias = regression.head(solved.x)
    return FittedHead(weights / unit, bias - centre @ weights)


def _spread(centred: Float32) -> float:
    variance = np.einsum("nd,nd->d", centred, centred) / len(centred) - centred.mean(axis=0) ** 2
    return max(float(np.sqrt(np.maximum(variance, 0)).mean()), 1e-6)


@dataclass(frozen=True, slots=True)
class _Regression:
    """The problem in coordinates in which its curvature is about the same in every direction.

    The Hessian is bounded by the features' covariance, for every class the same, plus the penalty (Böhning 1992,
    https://doi.org/10.1007/BF00048682). Its Cholesky factor maps the optimiser's numbers to weights: L-BFGS then needs
    half as many passes over the photos.

    Attributes:
        inputs: float32 [N, D], mean 0.
        targets: float32 [N, classes].
        weight: float32 [N, 1], sums to 1.
        l2: penalty.
        origin: float32 [D, classes], where it is zero.
        factor: float32 [D, D], lower triangle.
        bias_unit: the same for the bias, which has no penalty.
    """

    inputs: Float32
    targets: Float32
    weight: Float32
    l2: float
    origin: Float32
    factor: Float32
    bias_unit: np.float32

    @classmethod
    def of(cls, inputs: Float32, targets: Float32, weight: Float32, l2: float, origin: Float32) -> Self:
        curvature = np.float32(CURVATURE / targets.shape[1])
        some = slice(None, None, max(1, len(inputs) // MAPPED))
        hessian = (inputs[some] * (weight[some] / weight[some].sum())).T @ inputs[some] * curvature
        hessian[np.diag_indices_from(hessian)] += max(l2, WELL_CONDITIONED * float(np.trace(hessian)), 1e-12)
        factor = cholesky(hessian, lower=True, overwrite_a=True, check_finite=False)
        return cls(inputs, targets, weight, l2, origin, np.asarray(factor, np.float32), np.sqrt(curvature))

    def head(self, flat: Float64) -> tuple[Float32, Float32]:
        numbers = flat.reshape(-1, self.targets.shape[1]).astype(np.float32)
        weights = solve_triangular(self.factor, numbers[:-1], lower=True, trans=1, check_finite=False)
        return np.asarray(weights, np.float32), numbers[-1] / self.bias_unit

    def flat(self, weights: Float32, bias: Float32) -> Float64:
        return np.vstack([self.factor.T @ weights, bias * self.bias_unit]).ravel().astype(np.float64)

    def loss(self, flat: Float64) -> tuple[float, Float64]:
        weights, bias = self.head(flat)
        logits = self.inputs @ weights
        logits += bias
        logits -= logits.max(axis=1, keepdims=True)
        error = np.exp(logits)
        whole = error.sum(axis=1, keepdims=True)
        lost = np.log(whole[:, 0]) - np.einsum("nc,nc->n", self.targets, logits)  # targets sum to 1
        error /= whole
        error -= self.targets
        error *= self.weight
        away = weights - self.origin
        slope = solve_triangular(self.factor, self.inputs.T @ error + self.l2 * away, lower=True, check_finite=False)
        surprise = float((self.weight[:, 0] * lost).sum(dtype=np.float64))
        penalty = self.l2 / 2 * float((away**2).sum(dtype=np.float64))
        gradient = np.vstack([slope, error.sum(0) / self.bias_unit])
        return surprise + penalty, gradient.ravel().astype(np.float64)
