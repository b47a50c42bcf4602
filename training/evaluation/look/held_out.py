"""Which photos scenes are made of."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from training.data.read.dataset import read_photos
from training.data.read.labelled_photo import LabelledPhoto

PARTS: Final = ("all", "validation", "test")


def held_out(folder: Path, part: str) -> list[LabelledPhoto]:
    """The labelled photos of a folder, or those that the default recipe holds back: validation photos choose, test
    photos report. To find those, every photo is read, which takes minutes.

    Raises:
        DatasetError: there are none.
    """
    photos = read_photos(folder)
    if part == "all":
        return photos
    from training.default.model import split_photos  # noqa: PLC0415 - it brings what trains
    from training.recipes.default import RECIPE  # noqa: PLC0415

    with TemporaryDirectory(prefix="breedbot-look-") as work:
        split = split_photos(RECIPE, photos, Path(work))
    return split.validation if part == "validation" else split.test
