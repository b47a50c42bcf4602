"""The study's variations of a photo: turned, shifted, sheared, zoomed and mirrored, in one resampling.

Its ranges are those of Keras' former ImageDataGenerator. Keras 3 has layers of the same names. They were tried and
lost: four resamplings in a row halve the sharpness of fur and cost six times the processor time (49 ms a photo of
299 px, not 8), and RandomShear turns about a corner, which shifts the dog by up to another 10 %. One matrix does it all
at once.
"""

import math
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.photo.preprocess import Preprocessing

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StudyAugmentation:
    """How far a photo may be varied: each value is drawn evenly from its range, to either side.

    Attributes:
        rotation_degrees: the study's "0–40°", clockwise or not (`rotation_range=40`).
        shift: the study's "0–20 %" of the width and of the height (`width_shift_range=0.2`, `height_shift_range=0.2`).
        shear: the study's "0–20 %": the top moves sideways against the bottom by this share of the height, about the
            middle. (`shear_range=0.2` meant 0.2 degrees, which nobody intends; we take the study at its word.)
        zoom: the study's "0–20 %": 80 to 120 % of the width, and of the height, are seen (`zoom_range=0.2`).
        flip: mirrored in half of the cases.
    """

    rotation_degrees: float = 40.0
    shift: float = 0.2
    shear: float = 0.2
    zoom: float = 0.2
    flip: bool = True

    def __call__(self, image: NDArray[np.uint8], size_px: int, rng: random.Random) -> NDArray[np.uint8]:
        """uint8 [H, W, 3] → uint8 [size_px, size_px, 3]; what comes into view beyond the rim is its reflection."""
        fitted = Preprocessing(size_px, rule="squash")(image)
        matrix, shift = self.draw(rng)
        if self.flip and rng.random() < 0.5:
            fitted = fitted[:, ::-1]
        return _warp(fitted, matrix, shift * size_px)

    def draw(self, rng: random.Random) -> tuple[Matrix, NDArray[np.float64]]:
        """Draw one variation.

        Returns:
            float [2, 2], which takes a place in the new picture to its place in the old one, both (x, y) from the
            middle; float [2], by which the old picture's middle is shifted, as shares of the sides.
        """
        angle = math.radians(rng.uniform(-self.rotation_degrees, self.rotation_degrees))
        shift = np.array([rng.uniform(-self.shift, self.shift) for _ in "xy"])
        rotate = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        shear = np.array([[1.0, rng.uniform(-self.shear, self.shear)], [0.0, 1.0]])
        zoom = np.diag([rng.uniform(1 - self.zoom, 1 + self.zoom) for _ in "xy"])
        return rotate @ shear @ zoom, shift


def _warp(image: NDArray[np.uint8], matrix: Matrix, shift_px: NDArray[np.float64]) -> NDArray[np.uint8]:
    size_px = len(image)
    middle = size_px / 2
    corners = np.array([[x, y] for x in (-middle, middle) for y in (-middle, middle)])
    seen = (corners - shift_px) @ matrix.T
    rim = max(0, math.ceil(np.abs(seen).max() - middle) + 1)
    padded = Image.fromarray(np.pad(image, ((rim, rim), (rim, rim), (0, 0)), mode="symmetric"))
    offset = middle + rim - matrix @ (middle + shift_px)
    (a, b), (d, e) = matrix
    taken = (a, b, offset[0], d, e, offset[1])
    size = (size_px, size_px)
    return np.array(padded.transform(size, Image.Transform.AFFINE, taken, Image.Resampling.BILINEAR))
