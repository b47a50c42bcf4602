"""A JPEG that was cut off: which of its rows are there."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CUT: Final = "cut"  # in an image's `info`: the share of its rows that are there, where something is missing
_MIDDLE: Final = (127, 129)  # what libjpeg shows where it has no data, in every channel of whatever kind of pixels


def rows_present(image: Image.Image, *, coarse: bool) -> Image.Image:
    """A decoded picture without the empty rows below; one row, where all are empty. `coarse`: details are missing."""
    pixels = np.asarray(image)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    empty: NDArray[np.bool_] = np.all((pixels >= _MIDDLE[0]) & (pixels <= _MIDDLE[1]), axis=2)
    empty_rows: NDArray[np.bool_] = np.all(empty, axis=1)
    rows = int(len(empty_rows) - np.argmin(empty_rows[::-1])) if not empty_rows.all() else 0
    there = image.crop((0, 0, image.width, max(1, rows)))
    there.info = dict(image.info)
    if rows < len(empty_rows) or empty[-1, -1] or coarse:
        there.info[CUT] = min(rows, len(empty_rows) - 1) / len(
            empty_rows
        )  # of the last row, too, a part may be missing
    return there
