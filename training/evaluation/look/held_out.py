"""Which photos scenes are made of."""

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from training.data.read.dataset import read_photos
from training.data.read.labelled_photo import LabelledPhoto

HALVES: Final = ("half-0", "half-1")
PARTS: Final = ("all", *HALVES, "validation", "test")


def held_out(folder: Path, part: str) -> list[LabelledPhoto]:
    """The labelled photos of a folder, half of them, or those that the default recipe holds back.

    Validation photos choose, test photos report; to find those, every photo is read, which takes minutes. Of photos
    that no model learnt from, one half may choose and the other report: a hash of breed and file name divides them.

    Raises:
        DatasetError: there are none.
    """
    photos = read_photos(folder)
    if part == "all":
        return photos
    if part in HALVES:
        return [photo for photo in photos if _half(photo) == HALVES.index(part)]
    from training.default.model import split_photos  # noqa: PLC0415 - it brings what trains
    from training.recipes.default import RECIPE  # noqa: PLC0415

    with TemporaryDirectory(prefix="breedbot-look-") as work:
        split = split_photos(RECIPE, photos, Path(work))
    return split.validation if part == "validation" else split.test


def _half(photo: LabelledPhoto) -> int:
    return int(sha256(f"{photo.breed}/{photo.path.name}".encode()).hexdigest(), 16) % 2
