"""Photos that attackers make of others: copies are known as copies, and blurred ones are nobody's."""

from pathlib import Path

import numpy as np
from made_photos import jpeg, scene
from numpy.typing import NDArray
from PIL import Image, ImageStat

from inference.photo.decode import decode_image
from training.data.check.copies import sketch
from training.data.read.labelled_photo import LabelledPhoto
from training.learning.simulation.siege.made_photos import MadePhotos, blurred, copies


class Eyes:
    """A network that sees what is bright, roughly."""

    id = "eyes"
    batch_size = 4

    def prepare(self, data: bytes, /) -> NDArray[np.uint8]:
        return np.array(decode_image(data).resize((8, 8)))

    def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
        return batch.reshape(len(batch), -1).astype(np.float32) / np.float32(255)


def stored(folder: Path, seed: int) -> LabelledPhoto:
    path = folder / f"{seed}.jpg"
    path.write_bytes(jpeg(scene(seed)))
    return LabelledPhoto(path, "beagle", str(seed))


def test_copies_of_golden_photos_are_known_and_those_of_others_are_not(tmp_path: Path) -> None:
    golden, other = stored(tmp_path, 1), stored(tmp_path, 2)
    eyes, data = Eyes(), golden.path.read_bytes()
    sketches = sketch(decode_image(data))[None]
    features = eyes(eyes.prepare(data)[None])

    made = MadePhotos.of([golden, other], copies, eyes, features, sketches)

    assert len(made.rows) == 10
    assert made.known.tolist() == [True] * 5 + [False] * 5
    assert set(made.rows.labels) == {"beagle"}


def test_of_a_blurred_photo_little_is_left() -> None:
    photo = scene(3)

    (spoiled,) = blurred(photo)

    assert spoiled.size == photo.size
    assert _contrast(spoiled) < _contrast(photo)


def _contrast(image: Image.Image) -> float:
    return float(ImageStat.Stat(image.convert("L")).stddev[0])
