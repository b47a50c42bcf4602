"""Scenes are made of labelled photos, the same for a seed, and what is told of them is right."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import BreedScore, Kind, Prediction
from training.data.read.labelled_photo import LabelledPhoto
from training.evaluation.look.held_out import HALVES, held_out
from training.evaluation.look.measure import Seen, shares_of
from training.evaluation.look.scenes import COLLAGE_PX, PAIR_PX, SCENE_PX, Scene, scenes, scenes_of

COLOURS = {"beagle": (250, 0, 0), "pug": (0, 250, 0), NOT_A_DOG: (0, 0, 250)}


@pytest.fixture
def photos(tmp_path: Path) -> list[LabelledPhoto]:
    listed = []
    for breed, colour in COLOURS.items():
        for number in range(3):
            path = tmp_path / f"{breed}-{number}.png"
            Image.new("RGB", (120, 90), colour).save(path)
            listed.append(LabelledPhoto(path, breed, path.name))
    return listed


@pytest.mark.parametrize("kind", Scene)
def test_a_seed_makes_the_same_photos(kind: Scene, photos: list[LabelledPhoto]) -> None:
    first, again = (list(scenes(kind, photos, 3, 7)) for _ in range(2))

    assert [one.breeds for one in first] == [one.breeds for one in again]
    assert all(one.photo.tobytes() == other.photo.tobytes() for one, other in zip(first, again, strict=True))
    assert len(first) == 3


def test_a_pair_shows_two_breeds_side_by_side(photos: list[LabelledPhoto]) -> None:
    for made in scenes(Scene.PAIR, photos, 6, 1):
        left, right = (made.photo.getpixel((x, 200)) for x in (5, made.photo.width - 5))

        assert set(made.breeds) == {"beagle", "pug"}
        assert (left, right) == tuple(COLOURS[breed] for breed in made.breeds)
        assert made.photo.height == PAIR_PX


def test_a_collage_shows_four_breeds_two_by_two(photos: list[LabelledPhoto], tmp_path: Path) -> None:
    colours = dict(COLOURS)
    for number, breed in enumerate(("boxer", "collie"), 1):
        colours[breed] = (100 * number, 100 * number, 0)
        Image.new("RGB", (90, 120), colours[breed]).save(tmp_path / f"{breed}.png")
        photos.append(LabelledPhoto(tmp_path / f"{breed}.png", breed, breed))

    for made in scenes(Scene.COLLAGE, photos, 6, 1):
        corners = [made.photo.getpixel((x, y)) for y in (5, COLLAGE_PX + 5) for x in (5, COLLAGE_PX + 5)]

        assert len(set(made.breeds)) == 4
        assert corners == [colours[breed] for breed in made.breeds]
        assert made.photo.size == (2 * COLLAGE_PX, 2 * COLLAGE_PX)


def test_a_small_dog_takes_a_third_of_the_height(photos: list[LabelledPhoto]) -> None:
    for made in scenes(Scene.SMALL, photos, 6, 1):
        pixels = np.asarray(made.photo)
        rows = (pixels != COLOURS[NOT_A_DOG]).any(axis=(1, 2))

        assert made.photo.size == SCENE_PX
        assert rows.sum() == SCENE_PX[1] // 3


def test_without_photos_of_no_dog_nothing_is_made_that_needs_them(photos: list[LabelledPhoto]) -> None:
    dogs = [photo for photo in photos if photo.breed != NOT_A_DOG]

    assert scenes_of(photos) == list(Scene)
    assert set(Scene) - set(scenes_of(dogs)) == {Scene.SMALL, Scene.NOT_A_DOG}


def test_halves_of_a_folder_share_nothing_and_leave_nothing_out(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / "beagle" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(path)

    halves = [{photo.path for photo in held_out(tmp_path, half)} for half in HALVES]

    assert all(halves)
    assert halves[0].isdisjoint(halves[1])
    assert halves[0] | halves[1] == {photo.path for photo in held_out(tmp_path, "all")}


def said(breed: str, confidence: float, kind: Kind = Kind.BREED) -> Prediction:
    return Prediction(kind, (BreedScore(breed, confidence),), 0.0, "m", "b", np.zeros(1, np.float16))


def test_what_is_told_of_pairs_and_single_dogs() -> None:
    nothing = said("pug", 0.01, Kind.NOT_A_DOG)
    both = Seen(("pug", "beagle"), nothing, (said("pug", 0.9), said("beagle", 0.7)), 8)
    half = Seen(("pug", "beagle"), nothing, (said("pug", 0.9), said("boxer", 0.9)), 8)
    none = Seen(("pug", "beagle"), nothing, (nothing,), 6)

    pairs = shares_of(Scene.PAIR, [both, half, none])
    four = shares_of(Scene.COLLAGE, [both, half, none])
    single = shares_of(Scene.SMALL, [both, half, none])

    assert {name: round(share.value * 3) for name, share in pairs.items()} == {
        "both named": 1, "one named": 2, "surely wrong": 1, "no dog": 1,
    }  # fmt: skip
    assert {name: round(share.value * 3) for name, share in four.items()} == {
        "all named": 1, "three or more named": 0, "one dog": 0, "surely wrong": 1, "no dog": 1,
    }  # fmt: skip
    assert {name: round(share.value * 3) for name, share in single.items()} == {
        "right": 2, "right at first look": 0, "no dog": 1, "several dogs": 2, "surely wrong": 1,
    }  # fmt: skip
