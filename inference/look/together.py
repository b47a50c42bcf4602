"""First and second looks at many photos at once, for files: every step of all of them in common batches."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.prediction import Prediction
from inference.look.policy import PASS_PX
from inference.look.second_look import SIDE_PX, Scan, SecondLook, Squares, Steps
from inference.model.classifier import Classifier
from inference.photo.cut_jpeg import CUT
from inference.photo.decode import PhotoError, decode_image
from inference.photo.preprocess import Preprocessing


@dataclass(frozen=True, slots=True, eq=False)
class OpenPhoto:
    """A photo as it is looked at first, and how it is decoded larger, should that be needed.

    Attributes:
        pixels: uint8 [input_px, input_px, 3].
        size_px: width and height of what they were made of.
        again: RGB, decoded at a short side of `SIDE_PX` or more, if it has so much; raises PhotoError.
        present: of a JPEG that was cut off, the share of its rows that are there; None: nothing is missing.
    """

    pixels: NDArray[np.uint8]
    size_px: tuple[int, int]
    again: Callable[[], Image.Image]
    present: float | None = None

    @classmethod
    def of_image(cls, image: Image.Image, preprocessing: Preprocessing) -> Self:
        """A picture in memory, RGB."""
        return cls(preprocessing.fit(image), image.size, lambda: image)

    @classmethod
    def of_bytes(cls, data: bytes, preprocessing: Preprocessing) -> Self:
        """A file's content, decoded as a worker does. Raises PhotoError."""
        image = decode_image(data, min_side_px=preprocessing.min_side_px)
        again = partial(decode_image, data, min_side_px=SIDE_PX)
        return cls(preprocessing.fit(image), image.size, again, image.info.get(CUT))


@dataclass(slots=True, eq=False)
class Looked:
    """What was seen in a photo.

    Attributes:
        first: the answer of the first look.
        predictions: one a dog, as in `JobResult`.
        passes: what it took, in network passes of 224 px.
    """

    first: Prediction
    predictions: tuple[Prediction, ...]
    passes: float

    @property
    def surest(self) -> Prediction:
        """The most certain dog."""
        return max(self.predictions, key=lambda dog: dog.top[0].confidence)


@dataclass(slots=True, eq=False)
class _Going:
    """A second look that is going on, and what it wants to see."""

    looked: Looked
    steps: Steps
    shown: Scan | Squares | None = None

    def go_on(self, seen: NDArray[np.floating] | None) -> None:
        step = self.steps.send(seen)
        if isinstance(step, Scan | Squares):
            self.shown = step
            self.looked.passes += step.pixels.size / 3 / PASS_PX
        else:
            self.shown, self.looked.predictions = None, step


def look(classifier: Classifier, photos: Sequence[OpenPhoto], second: SecondLook | None) -> list[Looked]:
    """Look at photos once, and twice where `second` wants it. Blocks."""
    if not photos:
        return []
    firsts = classifier.predict(np.stack([photo.pixels for photo in photos]))
    cost = classifier.preprocessing.input_px**2 / PASS_PX
    looked = [Looked(first, (first,), cost) for first in firsts]
    if second is None:
        return looked
    going: list[_Going] = []
    for one, photo in zip(looked, photos, strict=True):
        if second.wanted(one.first, *photo.size_px):
            with suppress(PhotoError):  # what is too much for a second decoding keeps its first answer
                going.append(_Going(one, second.steps(photo.again(), one.first)))
    for begun in going:
        begun.go_on(None)
    while open_ones := [each for each in going if each.shown is not None]:
        _take_a_step(classifier, open_ones)
    return looked


def _take_a_step(classifier: Classifier, going: Sequence[_Going]) -> None:
    squares = [one.shown.pixels for one in going if isinstance(one.shown, Squares)]
    seen = classifier.raw_features(np.concatenate(squares)).vectors if squares else np.zeros((0, 0))
    start = 0
    for one in going:
        if isinstance(one.shown, Scan):
            one.go_on(classifier.cells(one.shown.pixels))
        elif isinstance(one.shown, Squares):
            end = start + len(one.shown.pixels)
            one.go_on(seen[start:end])
            start = end
