"""What augmentation and preprocessing make of real photos, on a contact sheet."""

import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from inference.photo.decode import PhotoError, decode
from inference.photo.file_batches import read_photo
from training.data.read.dataset import DatasetError, LabelledPhoto
from training.pictures.augmentation_presets import Augment
from training.pictures.contact_sheet import Tile
from training.pictures.image_steps import ImageSteps

PHOTOS = 6
VARIATIONS = 7
SIZE_PX = 224
SIDE_PX = 480  # larger photos are decoded smaller: the sheet shows less than that


def preview(
    photos: Sequence[LabelledPhoto], steps: ImageSteps, augment: Augment | None, seed: int = 1
) -> list[list[Tile]]:
    """Draw a row for each of six photos of different breeds.

    Args:
        photos: to choose from, by the seed.
        steps: shown one by one, then in their order.
        augment: then seven variations; None shows the steps only.
        seed: of the choice and of the variations.

    Raises:
        DatasetError: none of the photos can be read.
    """
    rng = random.Random(seed)  # noqa: S311 (not a secret)
    rows = [_row(photo, image, steps, augment, rng) for photo, image in _chosen(photos, rng)]
    if not rows:
        raise DatasetError(f"none of {len(photos)} photos can be read, the first is {photos[0].path}")
    return rows


def _chosen(photos: Sequence[LabelledPhoto], rng: random.Random) -> Iterator[tuple[LabelledPhoto, NDArray[np.uint8]]]:
    """Six photos that can be read, of as many breeds as there are."""
    by_breed: dict[str, list[LabelledPhoto]] = {}
    for photo in rng.sample(photos, len(photos)):
        by_breed.setdefault(photo.breed, []).append(photo)
    turns = (group[number] for number in range(len(photos)) for group in by_breed.values() if number < len(group))
    found = 0
    for photo in turns:
        try:
            image = decode(read_photo(photo.path), min_side_px=SIDE_PX)
        except PhotoError:
            continue
        yield photo, image
        found += 1
        if found == PHOTOS:
            return


def _row(
    photo: LabelledPhoto, image: NDArray[np.uint8], steps: ImageSteps, augment: Augment | None, rng: random.Random
) -> list[Tile]:
    tiles = [Tile(image, photo.breed.replace("_", " "))]
    tiles += [Tile(ImageSteps((name,))(image), name) for name in steps.names]
    prepared = steps(image)
    if len(steps.names) > 1:
        tiles.append(Tile(prepared, "all in order"))
    if augment is not None:
        tiles += [Tile(augment(prepared, SIZE_PX, rng), f"variation {number + 1}") for number in range(VARIATIONS)]
    return tiles
