"""Files that people and programs send instead of a good photo, made by code.

for photo in broken_photos():
    with pytest.raises(photo.error): decode(photo.data)
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pillow_heif
from PIL import Image

from inference.photo.decode import (
    EmptyPhoto,
    PhotoError,
    PhotoTooLarge,
    TooManyPixels,
    UnreadablePhoto,
    UnsupportedFormat,
)

ORIENTATION = 0x0112
_MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(200)


@dataclass(frozen=True, slots=True)
class BrokenPhoto:
    """A file as it is sent: its name (which may lie), its bytes and the error that `decode` owes to it."""

    name: str
    data: bytes
    error: type[PhotoError]


@dataclass(frozen=True, slots=True)
class OddPhoto:
    """A file that looks wrong and still shows a picture."""

    name: str
    data: bytes


def picture(width: int = 64, height: int = 48) -> Image.Image:
    """Draw a picture without any symmetry: four flat quarters, a white corner."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (200, 40, 40)
    pixels[: height // 2, width // 2 :] = (40, 180, 60)
    pixels[height // 2 :, : width // 2] = (50, 60, 200)
    pixels[height // 2 :, width // 2 :] = (120, 120, 120)
    pixels[: height // 4, : width // 4] = 250
    return Image.fromarray(pixels)


def transparent_above(width: int = 64, height: int = 48) -> Image.Image:
    """Draw the same without its upper half, RGBA."""
    image = picture(width, height).convert("RGBA")
    image.paste((200, 40, 40, 0), (0, 0, width, height // 2))
    return image


def encoded(image: Image.Image, file_format: str, **options: object) -> bytes:
    """Encode as JPEG, PNG, WEBP, GIF, HEIF or AVIF."""
    out = io.BytesIO()
    if file_format == "HEIF":
        pillow_heif.from_pillow(image).save(out, format="HEIF", **options)
    else:
        image.save(out, file_format, **options)
    return out.getvalue()


@cache
def broken_photos() -> tuple[BrokenPhoto, ...]:
    """Every broken file; the big one has 25 MB, the bombs a few kilobytes."""
    return (*_not_photos(), *_damaged(), *_bombs())


@cache
def odd_photos() -> tuple[OddPhoto, ...]:
    """Files that must be answered like any good photo."""
    jpeg, png = encoded(picture(), "JPEG"), encoded(picture(), "PNG")
    broken_exif = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff" + b"\xff" * 24
    return (
        OddPhoto("jpeg called.png", jpeg),
        OddPhoto("png called.jpg", png),
        OddPhoto("webp called.pdf", encoded(picture(), "WEBP")),
        OddPhoto("animated.gif", _animated("GIF")),
        OddPhoto("animated.webp", _animated("WEBP")),
        OddPhoto("broken_exif.jpg", encoded(picture(), "JPEG", exif=broken_exif)),
        OddPhoto("impossible_orientation.jpg", encoded(picture(), "JPEG", exif=exif(99))),
        OddPhoto("motion_photo.jpg", jpeg + _MP4 + b"\xff\xda" * 500),
        OddPhoto("two_pictures.jpg", encoded(picture(), "MPO", save_all=True, append_images=[picture()])),
        OddPhoto("trailing_rubbish.png", png + b"rubbish" * 100),
        OddPhoto("picture.bmp", encoded(picture(), "BMP")),
        OddPhoto("picture.tiff", encoded(picture(), "TIFF")),
        OddPhoto("no_end.jpg", jpeg[:-2]),
        *(OddPhoto(f"{name}.png", png[:33] + side + png[33:]) for name, side in _beside_a_png()),
        OddPhoto("1x1.png", encoded(picture(1, 1), "PNG")),
        OddPhoto("thread.png", encoded(picture(1, 20_000), "PNG")),
        OddPhoto("ribbon.jpg", encoded(picture(20_000, 2), "JPEG")),
    )


def _beside_a_png() -> Iterator[tuple[str, bytes]]:
    """Chunks that have nothing to do with its pixels."""
    yield "80_MB_of_text", _chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(80 * 2**20), 9))
    yield "short_gamma", _chunk(b"gAMA", b"\x00")
    yield "short_density", _chunk(b"pHYs", b"\x00")
    yield "profile_with_a_wrong_checksum", _chunk(b"iCCP", b"x\x00\x00" + zlib.compress(b"profile"))[:-1] + b"?"


def exif(orientation: int) -> bytes:
    """An EXIF block that says nothing but the orientation."""
    block = Image.Exif()
    block[ORIENTATION] = orientation
    return block.tobytes()


def _not_photos() -> Iterator[BrokenPhoto]:
    yield BrokenPhoto("empty.jpg", b"", EmptyPhoto)
    yield BrokenPhoto("text.jpg", "Ceci est un chien, je vous assure. 🐶\n".encode() * 20, UnreadablePhoto)
    yield BrokenPhoto("page.jpg", b"<!doctype html><title>404</title>", UnreadablePhoto)
    yield BrokenPhoto("zeros.jpg", bytes(5_000), UnreadablePhoto)
    yield BrokenPhoto("one_byte.png", b"\x89", UnreadablePhoto)
    yield BrokenPhoto("document.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF", UnsupportedFormat)
    yield BrokenPhoto("pdf called.jpg", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF", UnsupportedFormat)
    yield BrokenPhoto("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedFormat)
    yield BrokenPhoto("drawing.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", UnsupportedFormat)
    yield BrokenPhoto("film.mp4", _MP4, UnsupportedFormat)
    yield BrokenPhoto("film called.heic", _MP4, UnsupportedFormat)
    yield BrokenPhoto("archive.zip", b"PK\x03\x04" + bytes(60), UnsupportedFormat)
    yield BrokenPhoto("picture.ico", encoded(picture(), "ICO"), UnsupportedFormat)
    raw = encoded(picture(), "TIFF", tiffinfo={0xC612: b"\x01\x04\x00\x00"})
    yield BrokenPhoto("raw_photo.dng", raw, UnsupportedFormat)
    yield BrokenPhoto("raw_photo.cr2", b"II*\x00\x10\x00\x00\x00CR\x02\x00" + bytes(60), UnsupportedFormat)
    yield BrokenPhoto("big.jpg", encoded(picture(), "JPEG") + bytes(25 * 2**20), PhotoTooLarge)


def _damaged() -> Iterator[BrokenPhoto]:
    for file_format in ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"):
        data = encoded(_noise(), file_format)
        for part in (0.02, 0.3):
            name = f"truncated_{part:.0%}.{file_format.lower()}"
            yield BrokenPhoto(name, data[: max(16, int(len(data) * part))], UnreadablePhoto)
    png = encoded(picture(), "PNG")
    yield BrokenPhoto("bad_crc.png", png[:29] + b"\x00\x00\x00\x00" + png[33:], UnreadablePhoto)
    yield BrokenPhoto("no_pixels.png", png[:33] + png[-12:], UnreadablePhoto)
    yield BrokenPhoto("only_signature.png", png[:8], UnreadablePhoto)
    yield BrokenPhoto("zero_width.png", _png(0, 10, b""), UnreadablePhoto)
    gif = encoded(picture().convert("P"), "GIF")
    yield BrokenPhoto("no_frames.gif", gif[: gif.index(b",")] + b";", UnreadablePhoto)
    yield BrokenPhoto("no_picture.jpg", b"\xff\xd8\xff\xd9", UnreadablePhoto)
    yield BrokenPhoto("only_header.webp", b"RIFF\x10\x00\x00\x00WEBPVP8 ", UnreadablePhoto)


def _bombs() -> Iterator[BrokenPhoto]:
    rows = zlib.compress(bytes((10_000 // 8 + 1) * 10_000), 9)
    yield BrokenPhoto("100_megapixels.png", _png(10_000, 10_000, rows), TooManyPixels)
    yield BrokenPhoto("2_gigapixels_by_2.png", _png(2**31 - 1, 2**31 - 1, rows), TooManyPixels)
    jpeg = encoded(picture(), "JPEG")
    size = jpeg.index(b"\xff\xc0") + 5
    yield BrokenPhoto("4_gigapixels.jpg", jpeg[:size] + b"\xff\xdc\xff\xdc" + jpeg[size + 4 :], TooManyPixels)
    gif = encoded(picture().convert("P"), "GIF")
    yield BrokenPhoto("4_gigapixels.gif", gif[:6] + b"\xff\xff\xff\xff" + gif[10:], TooManyPixels)
    canvas = b"VP8X\x0a\x00\x00\x00\x10\x00\x00\x00" + b"\xff\x3f\x00\xff\x3f\x00"
    body = b"WEBP" + canvas + encoded(picture(), "WEBP")[12:]
    yield BrokenPhoto("268_megapixels.webp", b"RIFF" + struct.pack("<I", len(body)) + body, TooManyPixels)
    heic = encoded(picture(), "HEIF")
    size = heic.index(b"ispe") + 8
    yield BrokenPhoto(
        "100_megapixels.heic", heic[:size] + struct.pack(">II", 10_000, 10_000) + heic[size + 8 :], PhotoError
    )
    many = encoded(picture(), "JPEG", progressive=True)
    last = many.rfind(b"\xff\xda")
    yield BrokenPhoto("5000_scans.jpg", many[:last] + many[last : last + 10] * 5_000 + many[last:], UnreadablePhoto)
    yield BrokenPhoto("50000_segments.jpg", jpeg[:2] + b"\xff\xfe\x00\x02" * 50_000 + jpeg[2:], UnreadablePhoto)
    png = encoded(picture(), "PNG")
    yield BrokenPhoto("50000_chunks.png", png[:33] + _chunk(b"prVt", b"") * 50_000 + png[33:], UnreadablePhoto)
    yield BrokenPhoto("50000_comments.gif", gif[: gif.index(b",")] + b"!\xfe\x01x\x00" * 50_000 + gif, UnreadablePhoto)
    comment = b"!\xfe" + b"\x01x" * 50_000 + b"\x00"
    yield BrokenPhoto("one_comment_in_50000_parts.gif", gif[: gif.index(b",")] + comment + gif, UnreadablePhoto)
    yield BrokenPhoto("50000_stray_bytes.gif", gif[: gif.index(b",")] + bytes(50_000) + gif, UnreadablePhoto)


def _noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8))


def _animated(file_format: str) -> bytes:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("blue", "green")]
    return encoded(picture(), file_format, save_all=True, append_images=frames, duration=100)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(width: int, height: int, rows: bytes) -> bytes:
    """Write a PNG of one bit a pixel."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")
