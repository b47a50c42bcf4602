"""Named steps on whole photos, before the network's own resizing; their names are what a manifest remembers.

``parse("equalise,denoise,squash:299")`` reads a pipeline, ``str(steps)`` writes it. Channels are never equalised or
stretched apart from each other: a coat's colour tells breeds apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from inference.photo.preprocess import LIMIT_PX, Preprocessing, Rule
from training.pictures.adaptive_equalise import adaptive_equalise

Pixels = NDArray[np.uint8]
Step = Callable[[Pixels], Pixels]

COLOUR_GAIN = 2.0


class StepUnknown(ValueError):
    """No step of that name, or of that size; the message lists what there is."""


@dataclass(frozen=True, slots=True)
class ImageSteps:
    """Steps in their order; none leaves the photo as it is.

    Attributes:
        names: keys of STEPS, or a rule of `Preprocessing` with its size: ``squash:299``; ``center_crop:224`` keeps the
            whole short side.
    """

    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse unknown names; raises StepUnknown."""
        for name in self.names:
            _step(name)

    def __call__(self, image: Pixels) -> Pixels:
        """uint8 [H, W, 3], RGB, 0–255 → the same; height and width change with a resize rule only."""
        for name in self.names:
            image = _step(name)(image)
        return image

    def __str__(self) -> str:
        """As `parse` reads it."""
        return ",".join(self.names)


def parse(text: str) -> ImageSteps:
    """Names separated by commas; nothing for no steps.

    Raises:
        StepUnknown: listing the names there are.
    """
    return ImageSteps(tuple(name for part in text.split(",") if (name := part.strip())))


def _equalise(picture: Image.Image) -> Image.Image:
    grey = picture.convert("L")
    return _relit(picture, np.asarray(grey), np.asarray(ImageOps.equalize(grey)))


def _equalise_adaptive(picture: Image.Image) -> Image.Image:
    grey = np.asarray(picture.convert("L"))
    return _relit(picture, grey, adaptive_equalise(grey))


def _relit(picture: Image.Image, before: Pixels, after: Pixels) -> Image.Image:
    """Change brightness, uint8 [H, W], and colours with it, so that saturation stays.

    With Y of YCbCr alone a dark brown dog turns grey; with one curve for all channels a grey one turns purple. Gain is
    bounded, for in black fur there is no colour but noise.
    """
    old, new = before[..., None].astype(np.float32), after[..., None].astype(np.float32)
    gain = ((new + 1) / (old + 1)).clip(1 / COLOUR_GAIN, COLOUR_GAIN)
    colours = new + gain * (np.asarray(picture, np.float32) - old)
    return Image.fromarray(np.rint(colours).clip(0, 255).astype(np.uint8))


def _contrast(picture: Image.Image) -> Image.Image:
    """Stretch brightness until 1 % of the pixels at either end is black or white; the channels alike."""
    return ImageOps.autocontrast(picture, cutoff=1, preserve_tone=True)


def _filtered(kernel: ImageFilter.Filter) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: picture.filter(kernel)


STEPS: Final[Mapping[str, Callable[[Image.Image], Image.Image]]] = {
    "equalise": _equalise,
    "equalise-adaptive": _equalise_adaptive,
    "denoise": _filtered(ImageFilter.MedianFilter(3)),
    "denoise-gaussian": _filtered(ImageFilter.GaussianBlur(1)),
    "sharpen": _filtered(ImageFilter.UnsharpMask(radius=2, percent=100, threshold=2)),
    "contrast": _contrast,
}


def _step(name: str) -> Step:
    for rule in get_args(Rule):
        if name.startswith(f"{rule}:"):
            return _resize(name, rule, name.removeprefix(f"{rule}:"))
    if name not in STEPS:
        sizes = ", ".join(f"{known}:PX" for known in get_args(Rule))
        raise StepUnknown(f"unknown step {name!r}; there are: {', '.join(STEPS)}, {sizes}")
    change = STEPS[name]
    return lambda image: np.array(change(Image.fromarray(image)))


def _resize(name: str, rule: Rule, size: str) -> Step:
    if not (size.isdecimal() and 1 <= int(size) <= LIMIT_PX):
        raise StepUnknown(f"step {name!r}: expected a size from 1 to {LIMIT_PX}, such as {rule}:224")
    return Preprocessing(int(size), int(size), rule)
