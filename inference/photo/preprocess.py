"""The one way from a photo to the network's input, for training and serving alike; declared in the manifest."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, NamedTuple, Self, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.prediction import Box
from inference.photo.decode import DEFAULT_LIMITS, DecodeLimits, decode_image

Rule = Literal["center_crop", "squash", "letterbox"]
RESAMPLING: Final = "bilinear_antialiased"  # Pillow's BILINEAR: the triangle grows with the scale; integer arithmetic
REDUCING_GAP: Final = 3.0  # "indistinguishable from fair resampling in most cases" (Pillow, Image.resize)
LETTERBOX_COLOUR: Final = (124, 116, 104)  # ImageNet's mean: zero once the network has subtracted it
LIMIT_PX: Final = 4096
_KEYS: Final = ("input_px", "resize_px", "rule", "resampling")


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Resize and crop.

    Attributes:
        input_px: side of the square that the network takes.
        resize_px: center_crop only: the short side is resized to this before the middle is cut out.
        rule: ``center_crop`` loses the rim, ``squash`` loses the aspect ratio, ``letterbox`` pads with grey.
    """

    input_px: int = 224
    resize_px: int = 256
    rule: Rule = "center_crop"

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        for key in ("input_px", "resize_px"):
            value = getattr(self, key)
            if type(value) is not int or not 1 <= value <= LIMIT_PX:
                raise ValueError(f"preprocessing {key}={value!r}: expected a whole number from 1 to {LIMIT_PX}")
        if self.rule not in get_args(Rule):
            raise ValueError(f"preprocessing rule={self.rule!r}: expected one of {', '.join(get_args(Rule))}")
        if self.rule == "center_crop" and self.resize_px < self.input_px:
            raise ValueError(f"preprocessing resize_px={self.resize_px}: smaller than input_px={self.input_px}")

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Fit one picture: uint8 [H, W, 3], RGB, 0–255 → uint8 [input_px, input_px, 3]. Same input, same bytes."""
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
            raise ValueError(f"expected a picture uint8 [H, W, 3], got {image.dtype} {list(image.shape)}")
        return self.fit(Image.fromarray(image))

    def decode(self, data: bytes, limits: DecodeLimits = DEFAULT_LIMITS) -> NDArray[np.uint8]:
        """Bytes → network input; exactly `self(decode(data, min_side_px=self.min_side_px))`, with fewer copies.

        Raises:
            PhotoError: as `inference.photo.decode.decode`.
        """
        return self.fit(decode_image(data, min_side_px=self.min_side_px, limits=limits))

    def fit(self, image: Image.Image) -> NDArray[np.uint8]:
        """Fit one RGB picture → uint8 [input_px, input_px, 3].

        Resizing only what is seen equals resizing everything and cutting the middle out (the filter still reads the
        pixels around the box), costs less, and stays bounded for a strip of 1 × 20,000 pixels.
        """
        if self.rule == "letterbox":
            return np.array(self._letterbox(image))
        box, side = seen_region(*image.size, self), self.input_px
        return np.array(image.resize((side, side), Image.Resampling.BILINEAR, box=box, reducing_gap=REDUCING_GAP))

    @property
    def min_side_px(self) -> int:
        """Short side to ask of the decoder: the size that the picture is resized to anyway.

        A reduced JPEG decoding averages blocks of pixels inside the inverse DCT. On 40 originals at Telegram's 800 px
        it took 2.8 ms instead of 4.4, and the mean log probability of the right breed was -0.288 instead of -0.299:
        no loss to be seen, and decoding competes with the engine for the same cores.
        """
        return self.resize_px if self.rule == "center_crop" else self.input_px

    def to_dict(self) -> dict[str, Any]:
        """As declared in the manifest."""
        return {**asdict(self), "resampling": RESAMPLING}

    @classmethod
    def from_dict(cls, declared: Mapping[str, Any]) -> Self:
        """Read a manifest's declaration.

        Raises:
            ValueError: a key is missing, unknown or has a wrong value; the message names key and value.
        """
        for key in declared:
            if key not in _KEYS:
                raise ValueError(f"preprocessing {key}={declared[key]!r}: unknown key, expected {', '.join(_KEYS)}")
        if missing := [key for key in _KEYS if key not in declared]:
            raise ValueError(f"preprocessing {', '.join(missing)}: missing")
        if declared["resampling"] != RESAMPLING:
            raise ValueError(f"preprocessing resampling={declared['resampling']!r}: only {RESAMPLING!r} is known")
        return cls(declared["input_px"], declared["resize_px"], declared["rule"])

    def _letterbox(self, image: Image.Image) -> Image.Image:
        scale = self.input_px / max(image.size)
        width, height = (max(1, round(side * scale)) for side in image.size)
        canvas = Image.new("RGB", (self.input_px, self.input_px), LETTERBOX_COLOUR)
        fitted = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=REDUCING_GAP)
        canvas.paste(fitted, ((self.input_px - width) // 2, (self.input_px - height) // 2))
        return canvas


class Region(NamedTuple):
    """What the network's input covers, in pixels of the photo; with a letterbox it reaches beyond the edges."""

    left: float
    top: float
    right: float
    bottom: float


def seen_region(width: int, height: int, preprocessing: Preprocessing) -> Region:
    """The part of a photo of this size that the preprocessing shows to the network."""
    if preprocessing.rule == "squash":
        return Region(0.0, 0.0, float(width), float(height))
    if preprocessing.rule == "letterbox":
        side = float(max(width, height))
    else:
        side = min(width, height) * preprocessing.input_px / preprocessing.resize_px
    left, top = (width - side) / 2, (height - side) / 2
    return Region(left, top, left + side, top + side)


def seen_box(width: int, height: int, preprocessing: Preprocessing) -> Box:
    """The same as far as it is inside the photo, as a box."""
    region = seen_region(width, height, preprocessing)
    left, top = max(0.0, region.left) / width, max(0.0, region.top) / height
    return Box(left, top, min(1.0, region.right / width) - left, min(1.0, region.bottom / height) - top)
