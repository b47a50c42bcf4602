"""Frozen networks that turn photos into features, and photos streamed through one of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from inference.model.backbone import Backbone
from inference.photo.file_batches import PhotoBatch, Prepare, photo_batches
from training.data.read.dataset import DatasetError


class Extractor(Protocol):
    """A frozen network with the way from a photo to its input."""

    @property
    def id(self) -> str:
        """Names the numbers: network, weights and preprocessing; fit to be a folder's name."""

    @property
    def batch_size(self) -> int:
        """Photos a call."""

    def prepare(self, data: bytes, /) -> NDArray[np.uint8]:
        """A photo file's bytes → uint8 [H, W, 3], RGB, 0–255; raises PhotoError. Called from several threads."""

    def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """uint8 [batch_size, H, W, 3] → float32 [batch_size, D]."""


@dataclass(frozen=True, slots=True)
class ServingExtractor:
    """The engine that serves, so that training sees the very numbers that serving will see.

    Attributes:
        id: the backbone's (``BackboneArtefact.id``, ``training.default.ship``), which names its preprocessing too.
        backbone: loaded.
        prepare: its preprocessing's ``decode``.
    """

    id: str
    backbone: Backbone
    prepare: Prepare

    @property
    def batch_size(self) -> int:
        """The largest batch that the engine has compiled."""
        return self.backbone.batch_sizes[-1]

    def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """uint8 [batch_size, H, W, 3] → float32 [batch_size, D]."""
        return self.backbone.features(batch).vectors


def feature_rows(
    extractor: Extractor, paths: Sequence[Path], title: str, read: Callable[[Path], bytes] | None = None
) -> Iterator[tuple[PhotoBatch, NDArray[np.float16]]]:
    """Photos through the network, batch by batch with a progress bar; decoding goes on in threads meanwhile.

    `read` gets the bytes where `paths` name no files.

    Yields:
        A batch, and float16 [M, D] for its M readable photos.

    Raises:
        DatasetError: a feature is too large for float16, or no number.
    """
    size = extractor.batch_size
    batches = photo_batches(paths, extractor.prepare, size, read)
    for batch in track(batches, title, total=-(-len(paths) // size), console=Console(stderr=True)):
        count = len(batch.pixels)
        if not count:
            yield batch, np.zeros((0, 0), np.float16)
            continue
        padding = np.zeros((size - count, *batch.pixels.shape[1:]), np.uint8)
        full = np.concatenate([batch.pixels, padding]) if count < size else batch.pixels
        with np.errstate(over="ignore"):
            rows = extractor(full)[:count].astype(np.float16)
        if not np.isfinite(rows).all():
            raise DatasetError(f"{extractor.id}: gave features beyond float16 near {batch.readable[0]}")
        yield batch, rows
