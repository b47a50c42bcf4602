"""Pictures of any kind of pixels → RGB, as bright as they are, transparency on white."""

from typing import Final

import numpy as np
from PIL import Image

BACKGROUND: Final = (255, 255, 255)  # what chats and browsers show behind a cut-out, so what its sender saw
_BAND_ROWS: Final = 512


def to_rgb(image: Image.Image) -> Image.Image:
    """The same picture as RGB; itself, if it is that."""
    if image.mode.startswith("I"):
        return _from_16_bit(image)
    if image.mode == "F":
        return _from_floats(image)
    if image.has_transparency_data:
        return _on_background(image)
    return image.convert("RGB") if image.mode != "RGB" else image


def _on_background(image: Image.Image) -> Image.Image:
    """Band by band: a second copy of a large picture, with its transparency, does not fit beside the first."""
    flat = Image.new("RGB", image.size, BACKGROUND)
    for top in range(0, image.height, _BAND_ROWS):
        band = image.crop((0, top, image.width, min(top + _BAND_ROWS, image.height))).convert("RGBA")
        flat.paste(band, (0, top), band.getchannel("A"))
    return flat


def _from_16_bit(image: Image.Image) -> Image.Image:
    """Scale 0–65535 to 0–255; Pillow's own conversion clips everything above 255 to white."""
    grey = np.asarray(image).astype(np.uint32)
    return Image.fromarray(((grey.clip(0, 65535) * 255 + 32767) // 65535).astype(np.uint8), "L").convert("RGB")


def _from_floats(image: Image.Image) -> Image.Image:
    """Some programs write 0–1, others 0–255."""
    grey = np.nan_to_num(np.asarray(image), posinf=0.0, neginf=0.0)
    scale = 255.0 if grey.max(initial=0.0) <= 1.0 else 1.0
    return Image.fromarray((grey * scale).clip(0, 255).round().astype(np.uint8), "L").convert("RGB")
