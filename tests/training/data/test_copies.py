"""A photo is known again mirrored, cut to 85 %, re-encoded and recoloured; look-alikes are left apart."""

from pathlib import Path

import numpy as np
import pytest
from made_photos import cut_out, recompressed, reposts, scene
from PIL import Image, ImageOps

from inference.photo.decode import decode_image
from training.data.check.copies import copies, copies_of_any, sketch

DOGS = Path("../shared/dogs")


def cut(photo: Image.Image, left: float, top: float, side: float = 0.85) -> Image.Image:
    width, height = photo.size
    return photo.crop((
        round(left * width), round(top * height), round((left + side) * width), round((top + side) * height),
    ))  # fmt: skip


def recoloured(photo: Image.Image) -> Image.Image:
    return Image.fromarray((np.asarray(photo) * [0.8, 1.0, 0.6]).astype(np.uint8))


def changed(photo: Image.Image) -> dict[str, Image.Image]:
    return {
        **reposts(photo),
        "recoloured": recoloured(photo),
        "cut in the middle": cut(photo, 0.075, 0.075),
        "cut in a corner": cut(photo, 0.15, 0),
        "cut and mirrored": ImageOps.mirror(cut(photo, 0.02, 0.11)),
        "cut, recoloured, re-encoded": recompressed(recoloured(cut(photo, 0.05, 0.1)), 40),
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_photo_is_known_again_whatever_was_done_to_it(seed: int) -> None:
    photo = scene(seed)

    for name, again in changed(photo).items():
        pairs = copies(np.stack([sketch(scene(99)), sketch(photo), sketch(again)]))

        assert pairs == [(1, 2)], name


def test_copies_of_others_are_found_whichever_is_the_part() -> None:
    photo = scene(1)
    ours = np.stack([sketch(photo), sketch(scene(2)), sketch(cut(photo, 0.1, 0.1))])

    assert copies_of_any(ours, np.stack([sketch(cut(photo, 0, 0)), sketch(scene(3))])).tolist() == [True, False, False]
    assert copies_of_any(ours, sketch(photo)[None]).tolist() == [True, False, True]
    assert copies_of_any(ours, ours[:0]).tolist() == [False] * 3
    assert copies(ours[:0]) == []


@pytest.mark.slow
def test_other_pictures_are_other_pictures() -> None:
    shown = [scene(seed) for seed in range(60)] + [cut_out(seed) for seed in range(60)]
    flat = [np.full((32, 32), grey, np.uint8) for grey in (0, 128, 255, 255)]

    found = copies(np.stack([*map(sketch, shown), *flat]))

    assert len(found) <= 1  # of 7,626 pairs


@pytest.mark.photos
@pytest.mark.skipif(not DOGS.is_dir(), reason="needs ../shared/dogs")
@pytest.mark.parametrize("breed", ["pug", "samoyed"])
def test_real_photos_of_one_breed_are_told_apart_and_their_copies_found(breed: str) -> None:
    photos = [decode_image(path.read_bytes()).convert("RGB") for path in sorted((DOGS / breed).glob("*.webp"))[:40]]
    sketches = np.stack([sketch(photo) for photo in photos])

    again = np.stack([sketch(list(changed(photo).values())[-1]) for photo in photos[:20]])

    assert copies_of_any(again, sketches[:20]).mean() >= 0.95
    assert copies_of_any(again, sketches[20:]).mean() <= 0.05
