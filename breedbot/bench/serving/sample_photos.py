"""Photos for measuring where there are none: not dogs, but as costly to decode as what people send."""

import io

import numpy as np
from PIL import Image

WIDTH_PX, HEIGHT_PX = 800, 600  # Telegram's middle size of a photo has a long side of 800
_OCTAVES_PX = (4, 8, 16, 32, 64, 128, 256)


def sample_photo(seed: int, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> bytes:
    """A JPEG (quality 87, 4:2:0) of clouds: each octave of detail half as strong as the one before, and some grain.

    The spectrum of natural photos falls like that (Field 1987). With the grain below, a file has the 110 KB that dog
    photos of this size and quality have, and takes as long to decode; plain noise would cost several times as much.
    """
    random = np.random.default_rng(seed)
    picture = np.zeros((height_px, width_px, 3), np.float32)
    for strength, cells in enumerate(_OCTAVES_PX):
        grid = random.integers(0, 256, (cells * 3 // 4, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(grid).resize((width_px, height_px), Image.Resampling.BICUBIC)
        picture += (np.asarray(layer, np.float32) - 128) / 2**strength
    picture += random.normal(0, 8, picture.shape)
    file = io.BytesIO()
    Image.fromarray((picture + 128).clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=87)
    return file.getvalue()
