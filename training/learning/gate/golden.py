"""The frozen photos that every model is measured on: one half sets temperature and thresholds, the other judges them.

Which photo is in which half depends on the photo alone, so the halves are the same for every model and at every time.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inference.model.artefact import BackboneArtefact
from training.learning.gate.labelled_rows import LabelledRows


@dataclass(frozen=True)
class Golden:
    """Photos that no model was trained on, and those that every model is trained on.

    Attributes:
        photos: the golden ones. Which breed is likeliest depends on no threshold, so all of them judge that.
        replayed: the exemplars; a breed that a model gets worse at falls there too, and there are four times as many.
    """

    photos: LabelledRows
    replayed: LabelledRows

    @classmethod
    def of(cls, backbone: BackboneArtefact) -> "Golden":
        """Read them; raises ArtefactError."""
        return cls(LabelledRows(*backbone.golden()), LabelledRows(*backbone.exemplars()))

    @property
    def calibration(self) -> LabelledRows:
        """The half that sets temperature and thresholds."""
        return self.photos.chosen(~self._judging)

    @property
    def judging(self) -> LabelledRows:
        """The half that judges confidence and rejection."""
        return self.photos.chosen(self._judging)

    @cached_property
    def _judging(self) -> NDArray[np.bool_]:
        chosen = np.zeros(len(self.photos), np.bool_)
        digests = np.array([_digest(row) for row in self.photos.features])
        for label in np.unique(self.photos.labels):
            rows = np.flatnonzero(self.photos.labels == label)
            chosen[rows[np.argsort(digests[rows])][::2]] = True
        return chosen


def _digest(row: NDArray[np.float32]) -> str:
    """Of what was measured; the last bits differ between machines."""
    return hashlib.sha256(np.rint(row * 64).astype("<i4").tobytes()).hexdigest()
