"""Features of photos behind a frozen network: computed once, kept by network and photo.

``FOLDER/<extractor id>/`` holds the rows (``feature_shards.py``). They are found by the SHA-256 of the photo's bytes:
data sets that share photos share rows, wherever the files lie and whatever they are labelled.
"""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.model.artefact import ID
from inference.photo.decode import PhotoError
from inference.photo.file_batches import read_photo
from training.data.read.labelled_photo import LabelledPhoto
from training.data.read.labelled_photo import unreadable as refusal
from training.features.extractor import Extractor, ServingExtractor, feature_rows
from training.features.feature_shards import CacheError, FeatureShards

__all__ = ["CacheError", "Extractor", "FeatureCache", "ServingExtractor"]

SHARD_ROWS = 512  # what a kill loses: 20 seconds of ResNet50 on two cores; 2 MB

Unreadable = Literal["refuse", "skip"]

log = logging.getLogger(__name__)


class FeatureCache:
    """Safe for several processes at once; what a killed one had kept, the next one finds."""

    def __init__(self, folder: Path) -> None:
        """Touch nothing yet."""
        self._folder = folder

    def features(
        self,
        extractor: Extractor,
        photos: Sequence[LabelledPhoto],
        *,
        title: str = "features",
        unreadable: Unreadable = "refuse",
    ) -> NDArray[np.float16]:
        """Rows in the order of the photos; those that are not kept yet are computed, with a progress bar.

        Returns:
            float16 [N, D], read-only and mapped from disk: memory does not grow with the photos. With
            ``unreadable="skip"`` a photo that cannot be read has a row of NaN, and a warning names it.

        Raises:
            DatasetError: photos cannot be read; the message names them. The rows of the others are kept.
            CacheError: the disk is full or cannot be written; whole shards stay.
        """
        if not ID.fullmatch(extractor.id):
            raise ValueError(f"extractor id {extractor.id!r}: expected small letters, digits, dots and hyphens")
        shards = FeatureShards(self._folder / extractor.id)
        failures: dict[Path, PhotoError] = {}
        keys = [_key(photo.path, failures) for photo in photos]
        missing = {key: photo.path for key, photo in zip(keys, photos, strict=True) if key and key not in shards}
        if missing:
            _compute(extractor, missing, shards, title, failures)
        if failures and unreadable == "refuse":
            raise refusal(failures)
        for path, error in failures.items():
            log.warning("%s is left out: %s", path, error)
        return shards.rows(keys)


def _compute(
    extractor: Extractor,
    missing: dict[bytes, Path],
    shards: FeatureShards,
    title: str,
    failures: dict[Path, PhotoError],
) -> None:
    """Keep the rows of the photos that can be read; the others join the failures."""
    key_of = {path: key for key, path in missing.items()}
    keys: list[bytes] = []
    parts: list[NDArray[np.float16]] = []
    try:
        for batch, rows in feature_rows(extractor, list(key_of), title):
            if len(rows):
                keys += [key_of[path] for path in batch.readable]
                parts.append(rows)
            failures |= batch.failures
            if len(keys) >= SHARD_ROWS:
                (full, keys), (vectors, parts) = (keys, []), (parts, [])
                shards.append(full, np.concatenate(vectors))
    finally:  # Ctrl-C loses nothing
        if keys:
            shards.append(keys, np.concatenate(parts))


def _key(path: Path, failures: dict[Path, PhotoError]) -> bytes | None:
    try:
        return hashlib.sha256(read_photo(path)).digest()
    except PhotoError as error:
        failures[path] = error
        return None
