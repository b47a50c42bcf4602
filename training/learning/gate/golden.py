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
        whole: the same photos with all their features, where these are but coordinates along some directions.
    """

    photos: LabelledRows
    replayed: LabelledRows
    whole: "Golden | None" = None

    @classmethod
    def of(cls, backbone: BackboneArtefact) -> "Golden":
        """Read them; raises ArtefactError."""
        return cls(LabelledRows(*backbone.golden()), LabelledRows(*backbone.exemplars()))

    @property
    def calibration(self) -> LabelledRows:
        """The half that sets temperature and thresholds."""
        return self.photos.chosen(~self.judges)

    @property
    def judging(self) -> LabelledRows:
        """The half that judges confidence and rejection."""
        return self.photos.chosen(self.judges)

    @cached_property
    def scale(self) -> float:
        """Mean standard deviation of the exemplars' features: what the penalty of a head is relative to."""
        if self.whole is not None:
            return self.whole.scale
        rows = self.replayed.features
        variance = np.einsum("nd,nd->d", rows, rows) / len(rows) - rows.mean(axis=0) ** 2
        return max(float(np.sqrt(np.maximum(variance, 0)).mean()), 1e-6)

    @cached_property
    def judges(self) -> NDArray[np.bool_]:
        """Bool [N]: the photos of the half that judges; the other one sets temperature and thresholds."""
        if self.whole is not None:
            return self.whole.judges
        chosen = np.zeros(len(self.photos), np.bool_)
        digests = np.array([_digest(row) for row in self.photos.features])
        for label in np.unique(self.photos.labels):
            rows = np.flatnonzero(self.photos.labels == label)
            chosen[rows[np.argsort(digests[rows])][::2]] = True
        return chosen


def _digest(row: NDArray[np.float32]) -> str:
    """Of what was measured; the last bits differ between machines."""
    return hashlib.sha256(np.rint(row * 64).astype("<i4").tobytes()).hexdigest()
