"""Large AVIF pictures, made smaller before they become RGB: by libavif itself, which Pillow brings along.

Pillow makes RGB of the whole picture, three times over: 500 MB for 50 megapixels. The structures begin as those of
libavif's `avif.h` do since 1.0; what else they hold is left alone.
"""

import ctypes
from functools import cache
from typing import Final

from PIL import Image, _avif

_RGBA: Final = 1  # AVIF_RGB_FORMAT_RGBA
_STRICT, _LENIENT = 7, 4  # AVIF_STRICT_ENABLED, and without what Pillow does not ask for either: pixi and clap
_PIXEL_BYTES: Final = 4
_DIAGNOSTICS_BYTES: Final = 256  # avifDiagnostics: a text
_NEEDED: Final = (
    *("avifDecoderCreate", "avifDecoderDestroy", "avifDecoderSetIOMemory", "avifDecoderParse", "avifDecoderNextImage"),
    *("avifImageScale", "avifImageYUVToRGB", "avifRGBImageSetDefaults", "avifResultToString", "avifLibYUVVersion"),
)


class _Decoder(ctypes.Structure):  # the beginning of avifDecoder
    _fields_ = (
        ("codec_choice", ctypes.c_int), ("max_threads", ctypes.c_int), ("requested_source", ctypes.c_int),
        ("flags", ctypes.c_int * 4), ("limits", ctypes.c_uint32 * 3), ("strict_flags", ctypes.c_uint32),
        ("image", ctypes.c_void_p),
    )  # fmt: skip


class _Rgb(ctypes.Structure):  # avifRGBImage
    _fields_ = (
        ("width", ctypes.c_uint32), ("height", ctypes.c_uint32), ("depth", ctypes.c_uint32), ("format", ctypes.c_int),
        ("sampling", ctypes.c_int * 2), ("flags", ctypes.c_int * 4), ("max_threads", ctypes.c_int),
        ("pixels", ctypes.c_void_p), ("row_bytes", ctypes.c_uint32), ("later", ctypes.c_uint32 * 16),
    )  # fmt: skip


def can_reduce_avif() -> bool:
    """Whether Pillow's libavif can be called, and can scale."""
    return _libavif() is not None


def reduced_avif(data: bytes, size: tuple[int, int], reduced: int) -> Image.Image:
    """The picture of this size, or the first of many, as RGBA, so many times smaller. Releases the GIL while decoding.

    Raises:
        ValueError: the file is damaged.
    """
    library = _libavif()
    assert library is not None  # noqa: S101 - can_reduce_avif
    decoder = ctypes.c_void_p(library.avifDecoderCreate())
    try:
        settings = ctypes.cast(decoder, ctypes.POINTER(_Decoder)).contents
        settings.strict_flags = _LENIENT
        _check(library, library.avifDecoderSetIOMemory(decoder, data, len(data)))
        _check(library, library.avifDecoderParse(decoder))
        _check(library, library.avifDecoderNextImage(decoder))
        if reduced > 1:
            width, height = (-(-side // reduced) for side in size)
            diagnostics = (ctypes.c_char * _DIAGNOSTICS_BYTES)()
            _check(library, library.avifImageScale(settings.image, width, height, diagnostics))
        return _rgba(library, settings.image)
    finally:
        library.avifDecoderDestroy(decoder)


def _rgba(library: ctypes.CDLL, picture: int) -> Image.Image:
    rgb = _Rgb()
    library.avifRGBImageSetDefaults(ctypes.byref(rgb), picture)
    size = (rgb.width, rgb.height)
    pixels = bytearray(_PIXEL_BYTES * rgb.width * rgb.height)
    memory = (ctypes.c_char * len(pixels)).from_buffer(pixels)
    rgb.depth, rgb.format, rgb.row_bytes = 8, _RGBA, _PIXEL_BYTES * rgb.width
    rgb.pixels = ctypes.addressof(memory)
    _check(library, library.avifImageYUVToRGB(picture, ctypes.byref(rgb)))
    return Image.frombuffer("RGBA", size, pixels, "raw", "RGBA", 0, 1)


def _check(library: ctypes.CDLL, result: int) -> None:
    if result:
        raise ValueError(library.avifResultToString(result).decode())


@cache
def _libavif() -> ctypes.CDLL | None:
    """The library that Pillow's module has loaded: whatever that depends on is found through it."""
    library = ctypes.CDLL(_avif.__file__)
    if not all(hasattr(library, name) for name in _NEEDED) or not library.avifLibYUVVersion():
        return None
    pointer = ctypes.c_void_p
    library.avifDecoderCreate.restype = pointer
    library.avifDecoderDestroy.argtypes, library.avifDecoderDestroy.restype = (pointer,), None
    library.avifDecoderSetIOMemory.argtypes = (pointer, ctypes.c_char_p, ctypes.c_size_t)
    library.avifDecoderParse.argtypes = library.avifDecoderNextImage.argtypes = (pointer,)
    library.avifImageScale.argtypes = (pointer, ctypes.c_uint32, ctypes.c_uint32, pointer)
    library.avifRGBImageSetDefaults.argtypes, library.avifRGBImageSetDefaults.restype = (pointer, pointer), None
    library.avifImageYUVToRGB.argtypes = (pointer, pointer)
    library.avifResultToString.restype = ctypes.c_char_p
    return library if _begins_as_known(library) else None


def _begins_as_known(library: ctypes.CDLL) -> bool:
    """Whether what a new decoder is set to stands where it is looked for."""
    decoder = ctypes.c_void_p(library.avifDecoderCreate())
    settings = ctypes.cast(decoder, ctypes.POINTER(_Decoder)).contents
    known = (settings.max_threads, settings.strict_flags) == (1, _STRICT)
    library.avifDecoderDestroy(decoder)
    return known
