"""Features of labelled photos through the serving engine: the very numbers that serving will see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.model.backbone import Backbone
from inference.photo.file_batches import Prepare
from training.data.read.labelled_photo import LabelledPhoto, unreadable
from training.features.extractor import ServingExtractor, feature_rows


@dataclass(frozen=True, slots=True)
class LabelledFeatures:
    """Rows in the order of the photos.

    Attributes:
        features: float16 [N, D]; float32 where they were reduced.
        labels: str [N], breed slugs and ``not_a_dog``.
    """

    features: NDArray[np.float16] | NDArray[np.float32]
    labels: NDArray[np.str_]


def extract(backbone: Backbone, photos: Sequence[LabelledPhoto], prepare: Prepare, title: str) -> LabelledFeatures:
    """Compute the features of every photo, with a progress bar.

    Raises:
        DatasetError: a photo cannot be read; the message names it.
    """
    extractor = ServingExtractor("not kept", backbone, prepare)
    rows = []
    for batch, vectors in feature_rows(extractor, [photo.path for photo in photos], title):
        if batch.failures:
            raise unreadable(batch.failures)
        rows.append(vectors)
    features = np.concatenate(rows) if rows else np.zeros((0, 0), np.float16)
    return LabelledFeatures(features, np.array([photo.breed for photo in photos]))
