"""A head whose penalty is chosen on photos that it was not fitted to."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.model.head import Calibration, Head
from training.features.labelled_features import LabelledFeatures
from training.heads.calibrate import calibrate, losses
from training.heads.head_fit import FittedHead, fit_head

ERRORS: Final = 2


def best_head(
    train: LabelledFeatures,
    targets: NDArray[np.float32],
    choosing: LabelledFeatures,
    labels: tuple[str, ...],
    penalties: Sequence[float],
) -> tuple[Head, float]:
    """The strongest penalty that is as likely as the likeliest as far as chance tells, paired photo by photo.

    Each is judged at its own best temperature. This is the "one standard error rule" (Breiman et al. 1984), with two of
    them, as a 95 % interval has: photos that the backbone was fine-tuned on are clearer to it than new ones, and photos
    of the same collections than others, which both favours weak penalties.

    Returns:
        The head, without a name and uncalibrated, and its penalty.
    """
    fitted: list[tuple[Head, float, NDArray[np.float64]]] = []
    solved: FittedHead | None = None
    for l2 in sorted(penalties, reverse=True):
        solved = fit_head(train.features, targets, len(labels), l2=l2, start=solved)
        head = Head("unnamed", "unnamed", labels, solved.weights, solved.bias, Calibration())
        tempered = calibrate(head, choosing.features, choosing.labels)
        fitted.append((head, l2, losses(tempered, choosing.features, choosing.labels)))
    likeliest = min((lost for *_, lost in fitted), key=lambda lost: float(lost.mean()))
    return next((head, l2) for head, l2, lost in fitted if as_likely(lost, likeliest))


def as_likely(losses: NDArray[np.float64], least: NDArray[np.float64]) -> bool:
    """Whether float [N] losses of the same photos are larger by no more than two standard errors of the difference."""
    more = losses - least
    return bool(more.mean() <= ERRORS * more.std() / np.sqrt(len(more)))
