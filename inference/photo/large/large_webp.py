"""Large WebP pictures, made smaller while they are decoded: by libwebp itself, which Pillow brings along.

Pillow draws every WebP on two canvases of its own size and copies the result: 600 MB for 50 megapixels. The structures
are those of libwebp's `decode.h`, unchanged since its interface number became 2.
"""

import ctypes
from collections.abc import Iterator
from functools import cache
from typing import Final

from PIL import Image, _webp

from inference.photo.metadata.segments import webp_chunks

_INTERFACE: Final = 0x0200  # WEBP_DECODER_ABI_VERSION; its first byte has to be equal
_RGBA: Final = 1  # MODE_RGBA
_EXIF_FLAG: Final = 0x08
_PIXEL_BYTES: Final = 4


class _Features(ctypes.Structure):  # WebPBitstreamFeatures
    _fields_ = (
        ("width", ctypes.c_int), ("height", ctypes.c_int), ("has_alpha", ctypes.c_int),
        ("has_animation", ctypes.c_int), ("format", ctypes.c_int), ("pad", ctypes.c_uint32 * 5),
    )  # fmt: skip


class _RgbaBuffer(ctypes.Structure):  # WebPRGBABuffer
    _fields_ = (("rgba", ctypes.c_void_p), ("stride", ctypes.c_int), ("size", ctypes.c_size_t))


class _YuvaBuffer(ctypes.Structure):  # WebPYUVABuffer
    _fields_ = (("planes", ctypes.c_void_p * 4), ("strides", ctypes.c_int * 4), ("sizes", ctypes.c_size_t * 4))


class _Buffer(ctypes.Union):
    _fields_ = (("rgba", _RgbaBuffer), ("yuva", _YuvaBuffer))


class _Output(ctypes.Structure):  # WebPDecBuffer
    _fields_ = (
        ("colorspace", ctypes.c_int), ("width", ctypes.c_int), ("height", ctypes.c_int),
        ("is_external_memory", ctypes.c_int), ("buffer", _Buffer), ("pad", ctypes.c_uint32 * 4),
        ("private_memory", ctypes.c_void_p),
    )  # fmt: skip


class _Options(ctypes.Structure):  # WebPDecoderOptions
    _fields_ = (
        ("bypass_filtering", ctypes.c_int), ("no_fancy_upsampling", ctypes.c_int), ("cropping", ctypes.c_int * 5),
        ("use_scaling", ctypes.c_int), ("scaled_width", ctypes.c_int), ("scaled_height", ctypes.c_int),
        ("use_threads", ctypes.c_int), ("dithering_strength", ctypes.c_int), ("flip", ctypes.c_int),
        ("alpha_dithering_strength", ctypes.c_int), ("pad", ctypes.c_uint32 * 5),
    )  # fmt: skip


class _Config(ctypes.Structure):  # WebPDecoderConfig
    _fields_ = (("input", _Features), ("output", _Output), ("options", _Options))


def can_reduce_webp() -> bool:
    """Whether Pillow's libwebp can be called: not where it is part of a library of Pillow's own."""
    return _libwebp() is not None


def reduced_webp(data: bytes, reduced: int) -> Image.Image:
    """The picture, or the first of many, so many times smaller. Releases the GIL while decoding.

    Returns:
        RGBA, or RGBX where nothing is transparent; `info` has the file's EXIF block, if any.

    Raises:
        ValueError: the file is damaged.
    """
    features = _features(data)
    image = _first_frame(data, features, reduced) if features.has_animation else _decoded(data, features, reduced)
    image.info = {"exif": exif} if (exif := _exif(data)) else {}
    return image


def _first_frame(data: bytes, canvas: _Features, reduced: int) -> Image.Image:
    """What an animation begins with: nothing but its first frame, wherever that lies (RFC 9649, 2.7.1.1)."""
    frame = next((body for name, body in webp_chunks(data) if name == b"ANMF"), b"")
    place, payload = frame[:6], frame[16:]
    features = _features(payload)
    left, top = (2 * int.from_bytes(place[at : at + 3], "little") for at in (0, 3))
    if left + features.width > canvas.width or top + features.height > canvas.height:
        raise ValueError("its first picture is larger than the whole")
    drawn = _decoded(payload, features, reduced)
    if (features.width, features.height) == (canvas.width, canvas.height):
        return drawn
    whole = Image.new("RGBA", (-(-canvas.width // reduced), -(-canvas.height // reduced)))
    whole.paste(drawn.convert("RGBA"), (left // reduced, top // reduced))
    return whole


def _decoded(data: bytes, features: _Features, reduced: int) -> Image.Image:
    size = -(-features.width // reduced), -(-features.height // reduced)
    pixels = bytearray(_PIXEL_BYTES * size[0] * size[1])
    config = _Config()
    config.output.colorspace, config.output.is_external_memory = _RGBA, 1
    memory = (ctypes.c_char * len(pixels)).from_buffer(pixels)
    config.output.buffer.rgba = _RgbaBuffer(ctypes.addressof(memory), _PIXEL_BYTES * size[0], len(pixels))
    if reduced > 1:
        config.options.use_scaling, config.options.scaled_width, config.options.scaled_height = 1, *size
    library = _libwebp()
    assert library is not None  # noqa: S101 - can_reduce_webp
    if error := library.WebPDecode(data, len(data), ctypes.byref(config)):
        raise ValueError(f"libwebp's error {error}")  # VP8StatusCode
    mode = "RGBA" if features.has_alpha else "RGBX"
    return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)


def _features(data: bytes) -> _Features:
    library, features = _libwebp(), _Features()
    assert library is not None  # noqa: S101 - can_reduce_webp
    if error := library.WebPGetFeaturesInternal(data, len(data), ctypes.byref(features), _INTERFACE):
        raise ValueError(f"libwebp's error {error}")
    return features


def _exif(data: bytes) -> bytes:
    """Without the flag no decoder looks for it."""
    chunks: Iterator[tuple[bytes, bytes]] = webp_chunks(data)
    name, body = next(chunks, (b"", b""))
    if name != b"VP8X" or not body[0] & _EXIF_FLAG:
        return b""
    return next((body for name, body in chunks if name == b"EXIF"), b"")


@cache
def _libwebp() -> ctypes.CDLL | None:
    """The library that Pillow's module has loaded: whatever that depends on is found through it."""
    library = ctypes.CDLL(_webp.__file__)
    if not all(hasattr(library, name) for name in ("WebPDecode", "WebPGetFeaturesInternal")):
        return None
    for function in (library.WebPDecode, library.WebPGetFeaturesInternal):
        function.restype = ctypes.c_int
    library.WebPDecode.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p)
    library.WebPGetFeaturesInternal.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int)
    return library
