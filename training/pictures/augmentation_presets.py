"""Ways to vary training photos, by name; all are called alike."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from inference.photo.preprocess import Preprocessing, Rule
from training.pictures.augment import Augmentation
from training.pictures.study_augmentation import StudyAugmentation


class Augment(Protocol):
    """A frozen dataclass of ranges, so that a recipe can show and change them."""

    def __call__(self, image: NDArray[np.uint8], size_px: int, rng: random.Random, /) -> NDArray[np.uint8]:
        """uint8 [H, W, 3] → uint8 [size_px, size_px, 3], another one each time; the same seed gives the same pixels.

        Thread-safe with a generator a thread; needs no Keras, so that pixels do not depend on its backend.
        """


class PresetUnknown(ValueError):
    """No augmentation of that name; the message lists those there are."""


@dataclass(frozen=True, slots=True)
class Unvaried:
    """Resized, nothing else."""

    rule: Rule = "squash"

    def __call__(self, image: NDArray[np.uint8], size_px: int, rng: random.Random, /) -> NDArray[np.uint8]:  # noqa: ARG002
        """uint8 [H, W, 3] → uint8 [size_px, size_px, 3]."""
        return Preprocessing(size_px, size_px, self.rule)(image)


PRESETS: Final[Mapping[str, Augment]] = {
    "study": StudyAugmentation(),
    "modern": Augmentation(),
    "none": Unvaried(),
}


def preset(name: str) -> Augment:
    """One of PRESETS.

    Raises:
        PresetUnknown: listing the names there are.
    """
    if name not in PRESETS:
        raise PresetUnknown(f"unknown augmentation {name!r}; there are: {', '.join(PRESETS)}")
    return PRESETS[name]
