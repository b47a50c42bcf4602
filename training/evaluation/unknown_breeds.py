"""Photos of breeds that a model has no name for, apart from the others: they can only be wrong, and surely or not."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind
from training.evaluation.evaluate import Evaluation
from training.evaluation.metrics import TOLD_AS_CERTAIN, Metrics, Share, measure


@dataclass(frozen=True, slots=True)
class UnknownBreeds:
    """What an evaluation says of both kinds.

    Attributes:
        names: of the breeds without a name in the model.
        sure: their photos that get a breed with `TOLD_AS_CERTAIN` or more all the same.
        known: of all other photos.
    """

    names: list[str]
    sure: Share
    known: Metrics

    def to_json(self) -> dict[str, Any]:
        """Flat, as the rest of an evaluation is: ``known_…`` and ``unknown_…``."""
        known = {"top1": self.known.top1, "top3": self.known.top3}
        told = {
            "unknown": self.names,
            "unknown_sure": self.sure.value if self.sure.n else None,
            "unknown_sure_interval": [self.sure.low, self.sure.high],
            "unknown_sure_n": self.sure.n,
        }
        for name, share in known.items():
            told |= {
                f"known_{name}": share.value if share.n else None,
                f"known_{name}_interval": [share.low, share.high],
                f"known_{name}_n": share.n,
            }
        interval = self.known.intervals.get("ece")
        return told | {
            "known_ece": self.known.ece if self.known.top1.n else None,
            "known_ece_interval": None if interval is None else list(interval),
        }


def unknown_breeds(evaluation: Evaluation, labels: tuple[str, ...]) -> UnknownBreeds:
    """Both kinds of the photos, by the labels of the model that answered."""
    known = np.array([photo.breed in {*labels, NOT_A_DOG} for photo in evaluation.photos], np.bool_)
    strange = [said for said, is_known in zip(evaluation.predictions, known, strict=True) if not is_known]
    sure = [said.kind is Kind.BREED and said.top[0].confidence >= TOLD_AS_CERTAIN for said in strange]
    rows = np.flatnonzero(known).tolist()
    return UnknownBreeds(
        sorted({photo.breed for photo in evaluation.photos} - {*labels, NOT_A_DOG}),
        Share.of(np.array(sure, np.bool_)),
        measure([evaluation.photos[row].breed for row in rows], [evaluation.predictions[row] for row in rows])
        if strange
        else evaluation.metrics,
    )
