"""Bytes from a stranger → upright RGB pixels, or an error that names the cause.

PhotoError
├── EmptyPhoto          nothing was sent
├── PhotoTooLarge       more bytes than the limit
├── TooManyPixels       width × height over the limit, or more than memory holds
├── UnsupportedFormat   a format that is known but not decoded (PDF, video, raw photos …)
└── UnreadablePhoto     not an image, truncated or damaged
"""

import io
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from inference.photo.cut_jpeg import CUT, rows_present
from inference.photo.decoding_cost import DecodingCost, decoding_cost
from inference.photo.formats import SNIFF_BYTES, PhotoFormat, photo_format, refused_format, webp_size
from inference.photo.large.large_avif import can_reduce_avif, reduced_avif
from inference.photo.large.large_heif import LargeHeif
from inference.photo.large.large_webp import can_reduce_webp, reduced_webp
from inference.photo.metadata.segments import bare_jpeg, bare_png, exif_orientation, webp_of_true_length
from inference.photo.quiet_tiff import open_tiff
from inference.photo.rgb import to_rgb

_UPRIGHT: Final[Mapping[int, Image.Transpose]] = {  # EXIF 2.32, 4.6.4 A: orientation → how to undo it
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class _Jpeg(JpegImageFile):
    """Without Pillow's look into EXIF for a resolution, which warns on stderr about every broken block."""

    def getexif(self) -> Image.Exif:
        """Show no EXIF."""
        return Image.Exif()


# The plugin's class itself instead of `Image.open`: only the sniffed format is tried, nothing is registered globally,
# and the limit of pixels is ours instead of the process-wide `Image.MAX_IMAGE_PIXELS`.
_OPENERS: Final[Mapping[PhotoFormat, Callable[[io.BytesIO], Image.Image]]] = {
    PhotoFormat.JPEG: _Jpeg,
    PhotoFormat.PNG: PngImageFile,
    PhotoFormat.WEBP: WebPImageFile,
    PhotoFormat.GIF: GifImageFile,
    PhotoFormat.HEIF: pillow_heif.HeifImageFile,
    PhotoFormat.AVIF: AvifImageFile,
    PhotoFormat.BMP: BmpImageFile,
    PhotoFormat.TIFF: open_tiff,
}


class PhotoError(Exception):
    """The bytes cannot be turned into a picture."""


class EmptyPhoto(PhotoError):
    """The file has no bytes."""


class PhotoTooLarge(PhotoError):
    """The file has more bytes than allowed."""


class TooManyPixels(PhotoError):
    """The picture has more pixels than allowed."""


class UnsupportedFormat(PhotoError):
    """A format that is recognised but not decoded."""


class UnreadablePhoto(PhotoError):
    """Not an image, or a damaged one."""


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What one photo may cost.

    Attributes:
        limit_bytes: size of the file; Telegram's getFile gives at most 20 MB (Bot API, getFile).
        limit_pixels: width × height of what a decoder gives back; a JPEG comes back reduced. In other formats the
            largest pictures of phones have 50.3 million.
        limit_declared: width × height of a JPEG, before that: each of them takes time.
        limit_held_bytes: what a decoder holds besides; all of a progressive JPEG.
        least_present: share of the rows of a JPEG that was cut off which is still worth an answer; of 40 photos cut to
            half of their bytes 39 have it, cut to 40 % of them about 20.
    """

    limit_bytes: int = 20 * 2**20
    limit_pixels: int = 52_000_000
    limit_declared: int = 400_000_000
    limit_held_bytes: int = 300 * 2**20
    least_present: float = 0.43


DEFAULT_LIMITS: Final = DecodeLimits()

# 50 million pixels take 50 to 300 MB for a moment, by format; a decoder on every core would take that many times over.
# So pictures larger than the usual 12 million pixels of a phone are decoded one at a time.
_LARGE_PIXELS: Final = 16_000_000
_LARGE_HELD_BYTES: Final = 3 * _LARGE_PIXELS
_SPARE: Final = 3  # times the side asked for is what a reduced picture keeps: resizing it further shows no difference
# Beyond the 32 MB up to which glibc keeps freed blocks with each thread (M_MMAP_THRESHOLD_MAX): these go back at once.
_BLOCK_BYTES: Final = 64 * 2**20
_turn_of_the_large = threading.RLock()


def decode(data: bytes, *, min_side_px: int = 0, limits: DecodeLimits = DEFAULT_LIMITS) -> NDArray[np.uint8]:
    """Decode a photo. Thread-safe; releases the GIL while decoding.

    Args:
        data: JPEG, PNG, WebP, GIF (first frame), HEIC, AVIF, BMP or TIFF, whatever its file was called.
        min_side_px: above 0, a JPEG may come back reduced 2, 4 or 8 times, and a large picture of any format some
            whole number of times, its short side still ≥ min_side_px.
        limits: checked before memory is allocated.

    Returns:
        uint8 [H, W, 3], RGB, 0–255, upright by its EXIF orientation, transparency on white; read-only. Of a JPEG that
        was cut off the part that is there.

    Raises:
        PhotoError: one of its subclasses, whatever the bytes are.
    """
    return np.asarray(decode_image(data, min_side_px=min_side_px, limits=limits))


def decode_image(data: bytes, *, min_side_px: int = 0, limits: DecodeLimits = DEFAULT_LIMITS) -> Image.Image:
    """Do the same as `decode`, but return an RGB Pillow image, which saves preprocessing a copy of every pixel.

    Its `info` has nothing in it but, of a JPEG that was cut off, as `CUT` the share of the rows that are there.
    """
    if not data:
        raise EmptyPhoto("the file is empty (0 bytes)")
    if len(data) > limits.limit_bytes:
        raise PhotoTooLarge(f"the file has {len(data):,} bytes; the limit is {limits.limit_bytes:,}")
    kind = photo_format(data[:SNIFF_BYTES])
    if kind is None or refused_format(data):
        raise _no_photo(data)
    cost = decoding_cost(kind, data)
    if cost.excess:
        raise UnreadablePhoto(f"the {kind} file has {cost.excess}: no camera or program writes that")
    try:
        return _decode_as(kind, data, cost, min_side_px, limits)
    except PhotoError:
        raise
    except MemoryError as error:
        raise TooManyPixels(f"the {kind} picture does not fit into memory") from error
    except Exception as error:  # decoders fed with foreign bytes raise anything: this is the edge
        raise UnreadablePhoto(
            f"the {kind} file is truncated or damaged: {' '.join(str(error).split()) or type(error).__name__}"
        ) from error


def _no_photo(data: bytes) -> PhotoError:
    names = ", ".join(PhotoFormat)
    if other := refused_format(data):
        return UnsupportedFormat(f"the file is no photo but: {other[1]}; send one of {names}")
    return UnreadablePhoto(f"the file is not an image (it starts with {data[:8]!r}); send one of {names}")


def _decode_as(
    kind: PhotoFormat, data: bytes, cost: DecodingCost, min_side_px: int, limits: DecodeLimits
) -> Image.Image:
    with ExitStack() as turn:
        image = _opened(kind, data, cost, min_side_px, limits, turn)
        image.load()
        # HEIC: the coded picture may differ from what the container declared.
        is_large = _admit(image.size, limits, turn)
        orientation = exif_orientation(image.info.get("exif") or b"")
        if cost.cut_at is not None:
            image = rows_present(image, coarse=cost.coarse)
            if image.info.get(CUT, 1.0) < limits.least_present:
                raise UnreadablePhoto(
                    f"the JPEG file is cut off: {image.info[CUT]:.0%} of the picture are there, too little"
                )
        info = image.info
        rgb = to_rgb(image, _reduction(image.size, min_side_px) if is_large else 1)
        upright = rgb.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else rgb
        upright.info = {key: value for key, value in info.items() if key == CUT}
        return upright


def _opened(
    kind: PhotoFormat, data: bytes, cost: DecodingCost, min_side_px: int, limits: DecodeLimits, turn: ExitStack
) -> Image.Image:
    """The picture, admitted; a large one of most formats made smaller already."""
    data = _pixels(kind, data, cost)
    if kind is PhotoFormat.WEBP and (size := webp_size(data)):
        is_large = _admit(size, limits, turn)
        if is_large and can_reduce_webp():
            return reduced_webp(data, _reduction(size, min_side_px))
    image = _OPENERS[kind](io.BytesIO(data))
    if isinstance(image, JpegImageFile):
        _reduce(image, cost.held_bytes, min_side_px, limits, turn)
    if not _admit(image.size, limits, turn):
        return image
    info = image.info
    if kind is PhotoFormat.AVIF and can_reduce_avif():
        image = reduced_avif(data, image.size, _reduction(image.size, min_side_px))
    elif kind is PhotoFormat.HEIF:
        large = LargeHeif(data)
        is_large = _admit(large.size, limits, turn)
        image = large.reduced(_reduction(large.size, min_side_px) if is_large else 1)
    image.info = info
    return image


def _pixels(kind: PhotoFormat, data: bytes, cost: DecodingCost) -> bytes:
    """The file without what has nothing to do with its pixels, and must not cost them: profiles, texts, a wrong length.

    What is wrong with pixels its decoder says.
    """
    with suppress(ValueError, IndexError):
        if kind is PhotoFormat.PNG:
            return bare_png(data, pixels_only=True)
        if kind is PhotoFormat.WEBP:
            return webp_of_true_length(data)
        if kind is PhotoFormat.JPEG:
            if cost.cut_at is not None:
                data = data[: cost.cut_at] + b"\xff\xd9"
            return bare_jpeg(data[: cost.pixels_at]) + data[cost.pixels_at :] if cost.pixels_at else data
    return data


def _reduce(image: JpegImageFile, held_bytes: int, min_side_px: int, limits: DecodeLimits, turn: ExitStack) -> None:
    """Have it decoded smaller, and refuse what costs too much all the same."""
    width, height = image.size
    if width * height > limits.limit_declared:
        raise TooManyPixels(f"the picture has {width} × {height} pixels; the limit is {limits.limit_declared:,}")
    if held_bytes > limits.limit_held_bytes:
        raise TooManyPixels(
            f"the picture is a progressive JPEG of {width} × {height} pixels, which takes {held_bytes / 2**20:.0f} MB "
            f"to decode; the limit is {limits.limit_held_bytes / 2**20:.0f} MB"
        )
    if held_bytes > _LARGE_HELD_BYTES:
        turn.enter_context(_turn_of_the_large)
    if min_side_px > 0:
        image.draft(None, (min_side_px, min_side_px))


def _admit(size: tuple[int, int], limits: DecodeLimits, turn: ExitStack) -> bool:
    """Refuse too many pixels; wait, if they are many, until no other large picture is being decoded. Returns: if so."""
    width, height = size
    if width * height > limits.limit_pixels:
        raise TooManyPixels(f"the picture has {width} × {height} pixels; the limit is {limits.limit_pixels:,}")
    if width * height <= _LARGE_PIXELS:
        return False
    turn.enter_context(_turn_of_the_large)
    Image.core.set_block_size(_BLOCK_BYTES)  # type: ignore[attr-defined]
    return True


def _reduction(size: tuple[int, int], min_side_px: int) -> int:
    """How many times smaller a large picture is made."""
    return max(1, min(size) // (_SPARE * min_side_px)) if min_side_px > 0 else 1
