"""The study on the features that ship with a model: no photo and no network are needed."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from inference.model.artefact import BackboneArtefact
from training.data.read.dataset import LabelledPhoto
from training.data.read.split import Split
from training.features.labelled_features import LabelledFeatures
from training.studies.breeds.subset_trial import Parts

VALIDATION_EVERY = 5  # of a breed's exemplars


def shipped_photos(artefact: BackboneArtefact) -> tuple[Split, Parts]:
    """Photos, of which nothing but label and features is known, and those.

    Of the exemplars every fifth of a breed is for validation, the others are for training; the golden photos, which no
    head was fitted to, are for testing.
    """
    exemplars, golden = (_dogs(*rows) for rows in (artefact.exemplars(), artefact.golden()))
    held_back = np.zeros(len(exemplars.labels), np.bool_)
    for breed in np.unique(exemplars.labels):
        held_back[np.flatnonzero(exemplars.labels == breed)[::VALIDATION_EVERY]] = True
    train, validation = (
        LabelledFeatures(exemplars.features[rows], exemplars.labels[rows]) for rows in (~held_back, held_back)
    )
    split = Split(*(_photos(name, part) for name, part in (("a", train), ("b", validation), ("c", golden))))
    return split, Parts(train, validation, golden)


def _dogs(features: NDArray[np.float32], labels: NDArray[np.str_]) -> LabelledFeatures:
    dogs = labels != NOT_A_DOG
    return LabelledFeatures(features[dogs].astype(np.float16), labels[dogs])


def _photos(part: str, rows: LabelledFeatures) -> list[LabelledPhoto]:
    return [
        LabelledPhoto(Path(f"{part}{row}"), breed, f"{part}{row}") for row, breed in enumerate(rows.labels.tolist())
    ]
