"""Photos of nothing that differ as photos do, and what people do to a photo before they post it again."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps


def scene(seed: int, size: tuple[int, int] = (300, 240)) -> Image.Image:
    """Patches of all sizes, another for each seed."""
    rng = np.random.default_rng(seed)
    layers = [
        Image.fromarray(rng.integers(0, 255, (side, side, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)
        for side in (3, 7, 15, 40)
    ]
    mixed = np.mean([np.asarray(layer, np.float32) for layer in layers], axis=0)
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1))


def cut_out(seed: int) -> Image.Image:
    """A dark shape in the middle of white, as shops show things: all of them are alike at first glance."""
    rng = np.random.default_rng(seed)
    width, height = rng.integers(100, 180, 2)
    canvas = Image.new("RGB", (300, 240), "white")
    canvas.paste(scene(seed, (int(width), int(height))), (150 - int(width) // 2, 120 - int(height) // 2))
    return canvas


def reposts(photo: Image.Image) -> dict[str, Image.Image]:
    """The same picture again."""
    width, height = photo.size
    return {
        "smaller": photo.resize((width // 3, height // 3)),
        "squashed": photo.resize((224, 224)),
        "recompressed": recompressed(photo, 15),
        "brighter": ImageEnhance.Brightness(photo).enhance(1.3),
        "more contrast": ImageEnhance.Contrast(photo).enhance(1.6),
        "grey": ImageOps.grayscale(photo).convert("RGB"),
        "trimmed": photo.crop((4, 4, width - 4, height - 3)),
        "mirrored": ImageOps.mirror(photo),
    }


def recompressed(photo: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return Image.open(BytesIO(file.getvalue()))


def jpeg(photo: Image.Image, quality: int = 90) -> bytes:
    file = BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return file.getvalue()
