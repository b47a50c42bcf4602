"""What the classifier says about the dogs of a photo."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Kind(StrEnum):
    """How specific an answer the confidence allows."""

    BREED = "breed"
    UNSURE = "unsure"
    NOT_A_DOG = "not_a_dog"


class BreedScore(NamedTuple):
    """One breed and its calibrated probability, 0–1."""

    breed: str
    confidence: float


def sayable(confidence: float) -> float:
    """What may be said of it: between 1 % and 99 %; more would claim more than a model can know."""
    return min(0.99, max(0.01, confidence))


class Box(NamedTuple):
    """Where in a photo: fractions of its width and height, 0-1, of the photo as it was decoded, upright by its EXIF."""

    left: float
    top: float
    width: float
    height: float


WHOLE_PHOTO: Final = Box(0.0, 0.0, 1.0, 1.0)


class Remark(StrEnum):
    """What is wrong with a photo, as it was measured."""

    DARK = "dark"
    BLURRED = "blurred"
    SMALL = "small"
    """The dog has few pixels."""
    CUT = "cut"
    """The file ends early: a part of the picture is missing."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one dog of a photo, or that there is none.

    Attributes:
        kind: how specific the answer may be.
        top: the five most probable breeds, most probable first; never ``not_a_dog``.
        not_a_dog: probability that the photo shows no dog, 0–1.
        model: id of the head that answered.
        backbone: id of the backbone that computed the features.
        features: float16 [D], what the head saw; kept so that retraining never needs the photo.
        box: where the dog is.
    """

    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float
    model: str
    backbone: str
    features: NDArray[np.float16]
    box: Box = WHOLE_PHOTO


class Classified(Protocol):
    """What was said about a photo: the part of a prediction, new or stored, that rules and views need."""

    @property
    def kind(self) -> Kind:
        """How specific the answer is."""

    @property
    def top(self) -> Sequence[BreedScore]:
        """The best breeds, best first, never ``not_a_dog``."""

    @property
    def not_a_dog(self) -> float:
        """Probability that there is no dog, 0–1."""
