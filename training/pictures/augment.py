"""Fresh variations of a photo: crop, flip, colour, sharpness and JPEG quality, as chats and phones vary them."""

import io
import math
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

PLAIN = ((0, 0, 0), (255, 255, 255), (124, 116, 104))  # black, white, ImageNet's mean


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a photo may be varied.

    Attributes:
        min_area: a random crop keeps at least this share of the picture (Szegedy et al. 2014, "Inception crop").
        max_aspect: its width : height lies between 1 / max_aspect and max_aspect.
        colour: brightness, contrast and saturation change by up to this share.
        jpeg: probability of a lossy JPEG round trip, quality 30–90.
        soften: probability of a loss of resolution down to a third to nine tenths.
        border: probability of a plain border of up to a third of the side, other on each side: a dog that fills its
            photo, as in photos that were cut to it, becomes a small one.
    """

    min_area: float = 0.3
    max_aspect: float = 4 / 3
    colour: float = 0.3
    jpeg: float = 0.3
    soften: float = 0.2
    border: float = 0.0

    def __call__(self, image: NDArray[np.uint8], size_px: int, rng: random.Random) -> NDArray[np.uint8]:
        """uint8 [H, W, 3] → uint8 [size_px, size_px, 3]."""
        picture = Image.fromarray(image)
        if rng.random() < self.border:
            picture = _bordered(picture, rng)
        picture = picture.resize((size_px, size_px), Image.Resampling.BILINEAR, box=self._crop(picture.size, rng))
        if rng.random() < 0.5:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            picture = enhance(picture).enhance(1 + rng.uniform(-self.colour, self.colour))
        if rng.random() < self.soften:
            small = round(size_px * rng.uniform(1 / 3, 0.9))
            picture = picture.resize((small, small), Image.Resampling.BILINEAR).resize(picture.size)
        if rng.random() < self.jpeg:
            picture = _jpeg(picture, rng.randint(30, 90))
        return np.asarray(picture)

    def _crop(self, size: tuple[int, int], rng: random.Random) -> tuple[float, float, float, float]:
        width, height = size
        area = width * height * rng.uniform(self.min_area, 1)
        aspect = math.exp(rng.uniform(-1, 1) * math.log(self.max_aspect))
        crop_width = min(width, math.sqrt(area * aspect))
        crop_height = min(height, math.sqrt(area / aspect))
        left, top = rng.uniform(0, width - crop_width), rng.uniform(0, height - crop_height)
        return left, top, left + crop_width, top + crop_height


def _bordered(picture: Image.Image, rng: random.Random) -> Image.Image:
    left, right = (round(picture.width * rng.uniform(0, 1 / 3)) for _ in range(2))
    top, bottom = (round(picture.height * rng.uniform(0, 1 / 3)) for _ in range(2))
    mean = picture.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    size = (picture.width + left + right, picture.height + top + bottom)
    canvas = Image.new("RGB", size, rng.choice((*PLAIN, mean)))
    canvas.paste(picture, (left, top))
    return canvas


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")
