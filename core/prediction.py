"""What the classifier says about one photo."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

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
