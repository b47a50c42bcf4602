"""What the classifier says about one photo."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Kind(StrEnum):
    """How specific an answer the confidence allows."""

    BREED = "breed"
    UNSURE = "unsure"
    NOT_A_DOG = "not_a_dog"


@dataclass(frozen=True, slots=True)
class BreedScore:
    """One breed and its calibrated probability, 0–1."""

    breed: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one photo.

    Attributes:
        kind: how specific the answer may be.
        top: the five most probable breeds, most probable first; never ``not_a_dog``.
        not_a_dog: probability that the photo shows no dog, 0–1.
        model: id of the head that answered.
        backbone: id of the backbone that computed the features.
        features: float16 [D], what the head saw; kept so that retraining never needs the photo.
    """

    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float
    model: str
    backbone: str
    features: NDArray[np.float16]
