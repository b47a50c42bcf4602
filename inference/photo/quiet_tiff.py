"""TIFF pictures without what libtiff says about damaged ones: it writes that to stderr, past Python."""

import ctypes
import io
from functools import cache

from PIL import _imaging
from PIL.TiffImagePlugin import TiffImageFile


def open_tiff(file: io.BytesIO) -> TiffImageFile:
    """As Pillow does."""
    _silence()
    return TiffImageFile(file)


@cache
def _silence() -> None:
    """What is wrong comes back as an error all the same (libtiff, TIFFError(3tiff))."""
    library = ctypes.CDLL(_imaging.__file__)  # what Pillow's own module depends on is found through it
    for handler in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
        if hasattr(library, handler):
            getattr(library, handler)(None)
