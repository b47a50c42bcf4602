"""Photos as people send them, made of photos of one dog each: the same seed makes the same pixels."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PIL import Image, ImageOps

from core.breeds.catalogue import NOT_A_DOG
from inference.photo.decode import decode_image
from inference.photo.file_batches import read_photo
from training.data.read.labelled_photo import LabelledPhoto

PAIR_PX: Final = 480  # height of two dogs side by side
COLLAGE_PX: Final = 450  # of each of four
SCENE_PX: Final = (960, 720)


class Scene(StrEnum):
    """What is made."""

    ORDINARY = "ordinary"
    NOT_A_DOG = "not_a_dog"
    PAIR = "pair"
    """Two dogs of different breeds, side by side."""
    ALIKE = "alike"
    """Two dogs of one breed, side by side."""
    COLLAGE = "collage"
    """Four dogs of different breeds, if there are so many: the middle squares of their photos, two by two."""
    SMALL = "small"
    """A dog of a third of the height, somewhere in a 4:3 photo of no dog."""
    TURNED = "turned"
    """By 90°, 180° or 270°, without EXIF."""
    TINY = "tiny"
    """48 pixels of a dog."""


@dataclass(frozen=True, slots=True)
class Made:
    """A photo to look at, and the breeds that it shows, `not_a_dog` for none."""

    photo: Image.Image
    breeds: tuple[str, ...]


def scenes(kind: Scene, photos: Sequence[LabelledPhoto], count: int, seed: int) -> Iterator[Made]:
    """Up to `count` photos of a kind; those of several dogs or backgrounds draw from all of `photos`."""
    dice = random.Random(f"{seed} {kind}")  # noqa: S311 (not a secret)
    dogs = [photo for photo in photos if photo.breed != NOT_A_DOG]
    others = [photo for photo in photos if photo.breed == NOT_A_DOG]
    drawn = dice.sample(others, min(count, len(others))) if kind is Scene.NOT_A_DOG else _drawn(dogs, count, dice)
    for photo in drawn:
        yield _MAKE[kind](photo, dogs, others, dice)


def scenes_of(photos: Sequence[LabelledPhoto]) -> list[Scene]:
    """The kinds that can be made of these photos: some need photos of no dog."""
    has_others = any(photo.breed == NOT_A_DOG for photo in photos)
    return [kind for kind in Scene if has_others or kind not in (Scene.SMALL, Scene.NOT_A_DOG)]


def opened(photo: LabelledPhoto) -> Image.Image:
    """Its pixels, RGB, upright. Raises PhotoError."""
    return decode_image(read_photo(photo.path))


def _drawn(dogs: Sequence[LabelledPhoto], count: int, dice: random.Random) -> list[LabelledPhoto]:
    return dice.sample(list(dogs), min(count, len(dogs)))


def _as_it_is(photo: LabelledPhoto, *_: object) -> Made:
    return Made(opened(photo), (photo.breed,))


def _pair(photo: LabelledPhoto, dogs: Sequence[LabelledPhoto], _: Sequence[LabelledPhoto], dice: random.Random) -> Made:
    other = dice.choice([dog for dog in dogs if dog.breed != photo.breed])
    return _side_by_side(photo, other)


def _alike(
    photo: LabelledPhoto, dogs: Sequence[LabelledPhoto], _: Sequence[LabelledPhoto], dice: random.Random
) -> Made:
    others = [dog for dog in dogs if dog.breed == photo.breed and dog.group != photo.group]
    return _side_by_side(photo, dice.choice(others or [photo]))


def _side_by_side(left: LabelledPhoto, right: LabelledPhoto) -> Made:
    halves = [_of_height(opened(one), PAIR_PX) for one in (left, right)]
    both = Image.new("RGB", (sum(half.width for half in halves), PAIR_PX))
    both.paste(halves[0], (0, 0))
    both.paste(halves[1], (halves[0].width, 0))
    return Made(both, (left.breed, right.breed))


def _collage(
    photo: LabelledPhoto, dogs: Sequence[LabelledPhoto], _: Sequence[LabelledPhoto], dice: random.Random
) -> Made:
    four = [photo]
    while len(four) < 4:
        breeds = {one.breed for one in four}
        four.append(dice.choice([dog for dog in dogs if dog.breed not in breeds] or list(dogs)))
    tile = (COLLAGE_PX, COLLAGE_PX)
    collage = Image.new("RGB", (2 * COLLAGE_PX, 2 * COLLAGE_PX))
    for place, one in enumerate(four):
        square = ImageOps.fit(opened(one), tile, Image.Resampling.BICUBIC)
        collage.paste(square, (place % 2 * COLLAGE_PX, place // 2 * COLLAGE_PX))
    return Made(collage, tuple(one.breed for one in four))


def _small(
    photo: LabelledPhoto, _: Sequence[LabelledPhoto], others: Sequence[LabelledPhoto], dice: random.Random
) -> Made:
    width, height = SCENE_PX
    scene = opened(dice.choice(list(others))).resize(SCENE_PX, Image.Resampling.BICUBIC)
    dog = _of_height(opened(photo), height // 3)
    scene.paste(dog, (dice.randrange(max(1, width - dog.width)), dice.randrange(height - dog.height)))
    return Made(scene, (photo.breed,))


def _turned(photo: LabelledPhoto, _: Sequence[LabelledPhoto], __: Sequence[LabelledPhoto], dice: random.Random) -> Made:
    turns = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
    return Made(opened(photo).transpose(dice.choice(turns)), (photo.breed,))


def _tiny(photo: LabelledPhoto, *_: object) -> Made:
    return Made(_of_height(opened(photo), 48), (photo.breed,))


def _of_height(image: Image.Image, height: int) -> Image.Image:
    return image.resize((max(1, round(image.width * height / image.height)), height), Image.Resampling.LANCZOS)


_Make = Callable[[LabelledPhoto, Sequence[LabelledPhoto], Sequence[LabelledPhoto], random.Random], Made]
_MAKE: Final[dict[Scene, _Make]] = {
    Scene.ORDINARY: _as_it_is,
    Scene.NOT_A_DOG: _as_it_is,
    Scene.PAIR: _pair,
    Scene.ALIKE: _alike,
    Scene.COLLAGE: _collage,
    Scene.SMALL: _small,
    Scene.TURNED: _turned,
    Scene.TINY: _tiny,
}
