"""What is wrong with a photo, as far as its pixels and the dogs in it tell. Pure NumPy."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.prediction import Kind, Prediction, Remark
from inference.look.policy import DEFAULT_POLICY
from inference.look.windows import area

DARK: Final = 40.0
"""Of 255: mean brightness below which a photo is dark. Of 180 ordinary photos
none was, and 98 % of them at a fifth of their brightness."""
BLURRED: Final = 20.0
"""Variance of the Laplacian (Pech-Pacheco et al. 2000) of the network's input, below which it is blurred.

Of the same 180 none was, and all were after a Gaussian blur of a hundredth of the short side.
"""
SMALL_SHARE: Final = 0.2
"""Of a photo's area: the largest dog has less, where a window of half of a 4:3 photo's short side shows it best."""


def remarks_on(pixels: NDArray[np.uint8]) -> tuple[Remark, ...]:
    """Dark, blurred: of uint8 [H, W, 3], the network's input, so that a photo's size does not matter."""
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    if grey.mean() < DARK:
        return (Remark.DARK,)  # noise and darkness say nothing about sharpness
    edges = grey[1:-1, 2:] + grey[1:-1, :-2] + grey[2:, 1:-1] + grey[:-2, 1:-1] - 4 * grey[1:-1, 1:-1]
    return (Remark.BLURRED,) if edges.var() < BLURRED else ()


def remarks_on_dogs(said: Sequence[Prediction], size_px: tuple[int, int]) -> tuple[Remark, ...]:
    """Small: of what was seen in a photo of this size; nothing is said of one that shows no dog."""
    dogs = [one for one in said if one.kind is not Kind.NOT_A_DOG]
    if not dogs:
        return ()
    is_small = min(size_px) < DEFAULT_POLICY.small_px or max(area(dog.box) for dog in dogs) < SMALL_SHARE
    return (Remark.SMALL,) if is_small else ()
