"""Large HEIC pictures, made smaller band by band: Pillow would hold all of it a second time, 4 bytes a pixel."""

import io
from typing import Final

import numpy as np
import pillow_heif
from PIL import Image

_BAND_ROWS: Final = 512


class LargeHeif:
    """The first picture of a file, decoded. Releases the GIL while decoding."""

    def __init__(self, data: bytes) -> None:
        """Raises whatever pillow_heif does: the file is damaged."""
        file = pillow_heif.HeifFile(io.BytesIO(data), convert_hdr_to_8bit=True, remove_stride=False)  # type: ignore[no-untyped-call]
        self._picture = file[file.primary_index]
        self._pixels = np.asarray(memoryview(self._picture.data))
        self.size: tuple[int, int] = self._picture.size  # as decoded, which may differ from what the file declares

    def reduced(self, times: int) -> Image.Image:
        """So many times smaller, with the kind of pixels that it has."""
        (width, height), mode, stride = self.size, self._picture.mode, self._picture.stride
        small = Image.new(mode, (-(-width // times), -(-height // times)))
        rows = -(-_BAND_ROWS // times) * times
        for top in range(0, height, rows):
            count = min(rows, height - top)
            of_band = self._pixels[top * stride : (top + count) * stride]
            band = Image.frombuffer(mode, (width, count), of_band, "raw", mode, stride, 1)
            small.paste(band.reduce(times), (0, top // times))
        return small
