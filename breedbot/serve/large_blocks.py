"""Memory of large blocks goes back to the system as soon as they are free: photos, and what a network works with."""

import ctypes
import sys
from contextlib import suppress

M_MMAP_THRESHOLD = -3  # mallopt(3)
LARGE_BYTES = 128 * 1024


def give_large_blocks_back() -> None:
    """From now on each has pages of its own.

    Else glibc learns from the first that is freed to take up to 32 MB from its heap, where a small block above it keeps
    them for ever: `breedbot run` peaked at 1,007 MB instead of 835 (docs/serving.md). Other C libraries need nothing.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # there is no mallopt
            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
