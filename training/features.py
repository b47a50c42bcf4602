"""Features of labelled photos through the serving engine: the very numbers that serving will see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from inference.backbone import Backbone
from inference.photo_batches import Prepare, photo_batches
from inference.resnet50 import FEATURES
from training.dataset import DatasetError, LabelledPhoto


@dataclass(frozen=True, slots=True)
class LabelledFeatures:
    """Rows in the order of the photos.

    Attributes:
        features: float16 [N, 2048].
        labels: str [N], breed slugs and ``not_a_dog``.
    """

    features: NDArray[np.float16]
    labels: NDArray[np.str_]


def extract(backbone: Backbone, photos: Sequence[LabelledPhoto], prepare: Prepare, title: str) -> LabelledFeatures:
    """Compute the features of every photo, with a progress bar.

    Raises:
        DatasetError: a photo cannot be read; the message names it.
    """
    size = backbone.batch_sizes[-1]
    batches = photo_batches([photo.path for photo in photos], prepare, size)
    total = -(-len(photos) // size)
    rows = [np.zeros((0, FEATURES), np.float16)]
    for batch in track(batches, title, total=total, console=Console(stderr=True)):
        for path, error in batch.failures.items():
            raise DatasetError(f"{path}: {error}; remove or replace it")
        pixels = batch.pixels
        padding = np.zeros((size - len(pixels), *pixels.shape[1:]), np.uint8)
        vectors = backbone.features(np.concatenate([pixels, padding])).vectors
        rows.append(vectors[: len(pixels)].astype(np.float16))
    return LabelledFeatures(np.concatenate(rows), np.array([photo.breed for photo in photos]))
