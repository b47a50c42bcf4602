"""Pictures of any kind of pixels → RGB, as bright as they are, transparency on white."""

from typing import Final

import numpy as np
from PIL import Image

BACKGROUND: Final = (255, 255, 255)  # what chats and browsers show behind a cut-out, so what its sender saw
_BAND_ROWS: Final = 512


def to_rgb(image: Image.Image, reduced: int = 1) -> Image.Image:
    """The same picture as RGB, so many times smaller; itself, if it is that.

    Band by band: a second copy of a large picture, of whatever kind of pixels, does not fit beside the first.
    """
    if image.mode == "RGB" and not image.has_transparency_data:
        return image.reduce(reduced) if reduced > 1 else image
    image = _of_floats(image) if image.mode == "F" else image
    rgb = Image.new("RGB", (-(-image.width // reduced), -(-image.height // reduced)))
    rows = -(-_BAND_ROWS // reduced) * reduced
    for top in range(0, image.height, rows):
        band = _band_to_rgb(image.crop((0, top, image.width, min(top + rows, image.height))))
        rgb.paste(band.reduce(reduced), (0, top // reduced))
    return rgb


def _band_to_rgb(band: Image.Image) -> Image.Image:
    if band.mode.startswith("I"):
        return _of_16_bit(band)
    if band.has_transparency_data:
        seen, band = Image.new("RGB", band.size, BACKGROUND), band.convert("RGBA")
        seen.paste(band, (0, 0), band.getchannel("A"))
        return seen
    return band.convert("RGB")


def _of_16_bit(image: Image.Image) -> Image.Image:
    """Scale 0–65535 to 0–255; Pillow's own conversion clips everything above 255 to white."""
    grey = np.asarray(image).astype(np.uint32)
    return Image.fromarray(((grey.clip(0, 65535) * 255 + 32767) // 65535).astype(np.uint8), "L").convert("RGB")


def _of_floats(image: Image.Image) -> Image.Image:
    """Some programs write 0–1, others 0–255."""
    grey = np.nan_to_num(np.asarray(image), posinf=0.0, neginf=0.0)
    scale = 255.0 if grey.max(initial=0.0) <= 1.0 else 1.0
    return Image.fromarray((grey * scale).clip(0, 255).round().astype(np.uint8), "L")
