"""Photos come out in order, prepared as serving prepares them; a bad one fails alone and memory stays bounded."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from broken_photos import encoded, picture
from numpy.typing import NDArray

from inference.photo.decode import EmptyPhoto, PhotoTooLarge, UnreadablePhoto
from inference.photo.file_batches import photo_batches, read_photo
from inference.photo.preprocess import Preprocessing

DECODE = Preprocessing().decode


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.png" for number in range(7)]
    for number, path in enumerate(paths):
        path.write_bytes(encoded(picture().rotate(30 * number), "PNG"))
    return paths


def test_every_photo_comes_once_in_order_with_the_pixels_of_serving(photos: list[Path]) -> None:
    batches = list(photo_batches(photos, DECODE, 3))

    assert [len(batch.paths) for batch in batches] == [3, 3, 1]
    assert [path for batch in batches for path in batch.readable] == photos
    for batch in batches:
        for path, pixels in zip(batch.readable, batch.pixels, strict=True):
            np.testing.assert_array_equal(pixels, DECODE(path.read_bytes()))


def test_bad_photos_fail_alone(photos: list[Path], tmp_path: Path) -> None:
    photos[1].write_bytes(b"")
    photos[2].write_bytes(photos[3].read_bytes()[:100])
    photos[4].unlink()
    (tmp_path / "folder.png").mkdir()

    (batch,) = photo_batches([*photos, tmp_path / "folder.png"], DECODE, 8)

    assert batch.readable == [photos[0], photos[3], photos[5], photos[6]]
    assert len(batch.pixels) == 4
    assert {path.name: type(error) for path, error in batch.failures.items()} == {
        "1.png": EmptyPhoto,
        "2.png": UnreadablePhoto,
        "4.png": UnreadablePhoto,
        "folder.png": UnreadablePhoto,
    }
    np.testing.assert_array_equal(batch.pixels[1], DECODE(photos[3].read_bytes()))


def test_a_file_too_large_for_any_photo_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "disk.jpg"
    with path.open("wb") as file:
        file.truncate(2**40)  # takes no room on the disk, and would take a terabyte of memory

    (batch,) = photo_batches([path], DECODE, 1)

    assert isinstance(batch.failures[path], PhotoTooLarge)
    assert "1,099,511,627,776" in str(batch.failures[path])


def test_a_batch_of_bad_photos_has_no_pixels(photos: list[Path]) -> None:
    for path in photos[:3]:
        path.write_bytes(b"no photo")

    first, *_ = photo_batches(photos, DECODE, 3)

    assert (len(first.pixels), first.readable, len(first.failures)) == (0, [], 3)


def test_no_photos_give_no_batches() -> None:
    assert list(photo_batches([], DECODE, 4)) == []


def test_only_a_few_batches_are_read_ahead(photos: list[Path]) -> None:
    asked: list[Path] = []

    def endless() -> Iterator[Path]:
        while True:
            asked.append(photos[0])
            yield photos[0]

    batches = photo_batches(endless(), DECODE, 2)
    for taken in range(1, 4):
        next(batches)
        assert len(asked) <= 2 * (taken + 3)
    batches.close()  # type: ignore[attr-defined]  # an iterator in its type, a generator in fact


def test_leaving_early_leaves_no_thread(photos: list[Path]) -> None:
    before = set(threading.enumerate())

    for _ in photo_batches(photos, DECODE, 1):
        break

    assert set(threading.enumerate()) == before


def test_an_error_of_ours_is_not_taken_for_a_bad_photo(photos: list[Path]) -> None:
    def prepare(data: bytes) -> NDArray[np.uint8]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(photo_batches(photos, prepare, 2))


def test_what_may_never_end_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(UnreadablePhoto, match="no file"):
            read_photo(path)
