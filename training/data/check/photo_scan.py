"""What a look at each file tells, without a model: its bytes, size, true format, and a sketch to compare by."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from inference.photo.decode import PhotoError, decode_image
from inference.photo.file_batches import read_photo
from inference.photo.formats import SNIFF_BYTES, PhotoFormat, photo_format
from inference.worker.settings import available_cores
from training.data.check.copies import SKETCH_PX, sketch
from training.data.read.labelled_photo import SUFFIXES, LabelledPhoto


@dataclass(frozen=True, slots=True)
class ScannedPhoto:
    """One file.

    Attributes:
        photo: as it was listed.
        sha256: of its bytes; empty where they cannot be had.
        format: what it truly is, whatever its name says; None if it is no photo.
        width, height: pixels, upright; 0 if it cannot be decoded.
        sketch: uint8 [32, 32], grey, the whole photo squashed; zeros if it cannot be decoded.
        error: why it cannot be read.
    """

    photo: LabelledPhoto
    sha256: str
    format: PhotoFormat | None
    width: int
    height: int
    sketch: NDArray[np.uint8]
    error: str | None

    @property
    def short_side(self) -> int:
        """In pixels; 0 if it cannot be decoded."""
        return min(self.width, self.height)

    @property
    def misnamed(self) -> bool:
        """Whether its suffix is that of another format. Everything here reads it all the same; others may not."""
        return self.format is not None and self.photo.path.suffix.lower() not in SUFFIXES[self.format]


def scan(photos: Sequence[LabelledPhoto]) -> list[ScannedPhoto]:
    """Look at every file, in the order given, with a progress bar; nothing that a file holds raises."""
    with ThreadPoolExecutor(available_cores()) as threads:
        looked = threads.map(_look, photos)
        return list(track(looked, "looking at photos", total=len(photos), console=Console(stderr=True)))


def _look(photo: LabelledPhoto) -> ScannedPhoto:
    sha256, kind = "", None
    try:
        data = read_photo(photo.path)
        sha256, kind = hashlib.sha256(data).hexdigest(), photo_format(data[:SNIFF_BYTES])
        image = decode_image(data)
    except PhotoError as error:
        nothing = np.zeros((SKETCH_PX, SKETCH_PX), np.uint8)
        return ScannedPhoto(photo, sha256, kind, 0, 0, nothing, str(error))
    return ScannedPhoto(photo, sha256, kind, image.width, image.height, sketch(image), None)
