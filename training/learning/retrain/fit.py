"""A head taught by people's corrections: what they say is learned, and what they say nothing about stays as it was.

Start, and anchor, is the *base*: a head that no feedback is part of. So a model is made of the base and of what is
accepted now, whatever models there were in between; and what a forgotten person taught is gone from the next one.

- Replay: the exemplars stand for the base's training photos, and their targets are the base's own answers (learning
  without forgetting, Li & Hoiem 2016, https://arxiv.org/abs/1606.09282): without photos the base is the optimum.
- The penalty pulls to the base's weights, not to zero: `L2` is the recipe's own.
- The photos of a label count as `PHOTOS_LIMIT` at most, as many as its exemplars, however many there are.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from core.breeds.catalogue import NOT_A_DOG
from inference.model.head import Calibration, Head
from training.heads.head_fit import TOLERANCE, FittedHead, fit_head
from training.learning.gate.labelled_rows import LabelledRows

L2: Final = 0.03
PHOTOS_LIMIT: Final = 45.0
_UNHEARD: Final = -5.0  # logit, against the mean of the others, that a new breed begins with


def refit(
    base: Head,
    replay: LabelledRows,
    photos: LabelledRows,
    labels: tuple[str, ...],
    *,
    scale: float | None = None,
    along: int | None = None,
    start: Head | None = None,
    tolerance: float = TOLERANCE,
) -> Head:
    """Fit a head; uncalibrated.

    Args:
        base: what to start from; the result bears its id.
        replay: the exemplars.
        photos: accepted ones, all of whose labels are among ``labels``.
        labels: as by `widened_labels`.
        scale: of the features; see `fit_head`.
        along: how many of the features, the first ones, have a say; the base has no weights for the others. None: all.
        start: a head with these labels that is likely close, for fewer steps.
        tolerance: see `fit_head`.
    """
    wide = widened(base, labels)
    anchor = FittedHead(wide.weights[:along], wide.bias)
    if not len(photos):
        return wide
    known = replay.chosen(np.isin(replay.labels, labels))
    columns = np.array([labels.index(label) for label in photos.labels.tolist()])
    targets = np.concatenate(
        [softmax(anchor.logits(known.features[:, :along]), axis=1), np.eye(len(labels), dtype=np.float32)[columns]]
    )
    solved = fit_head(
        np.concatenate([known.features[:, :along], photos.features[:, :along]]),
        targets,
        len(labels),
        l2=L2,
        sample_weights=np.concatenate([np.ones(len(known)), balanced(columns)]).tolist(),
        start=None if start is None else FittedHead(start.weights[:along], start.bias),
        towards=anchor,
        scale=scale,
        tolerance=tolerance,
        overwrite=True,
    )
    weights = np.zeros_like(wide.weights)
    weights[:along] = solved.weights
    return Head(base.model, base.backbone, labels, weights, solved.bias, Calibration())


def widened_labels(known: tuple[str, ...], joining: tuple[str, ...]) -> tuple[str, ...]:
    """Breeds in order, then ``not_a_dog``."""
    return (*sorted((set(known) | set(joining)) - {NOT_A_DOG}), NOT_A_DOG)


def widened(head: Head, labels: tuple[str, ...]) -> Head:
    """The same head with more labels, of which it knows nothing yet: the answers stay nearly the same."""
    weights = np.zeros((head.weights.shape[0], len(labels)), np.float32)
    bias = np.full(len(labels), head.bias.mean() + _UNHEARD, np.float32)
    places = [labels.index(label) for label in head.labels]
    weights[:, places], bias[places] = head.weights, head.bias
    calibration = head.calibration
    if calibration.doubles:
        doubles = dict(zip(head.labels, calibration.doubles, strict=True))
        calibration = replace(calibration, doubles=tuple(doubles.get(label, 0.0) for label in labels))
    return Head(head.model, head.backbone, labels, weights, bias, calibration)


def balanced(columns: NDArray[np.integer]) -> NDArray[np.float64]:
    """Weight of each photo, float64 [N], at most 1."""
    counts = np.bincount(columns)[columns]
    weights: NDArray[np.float64] = np.minimum(1.0, PHOTOS_LIMIT / counts)
    return weights
