"""Files that cameras, programs and broken connections make: the right pixels, or the right word."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from inference.photo.decode import EmptyPhoto, PhotoError, TooManyPixels, UnreadablePhoto, UnsupportedFormat, decode
from inference.photo.formats import clip_format

SIZE = (64, 48)
ROWS, COLUMNS = np.mgrid[0:48, 0:64]
PIXELS = np.dstack([COLUMNS * 4, ROWS * 5, 255 - COLUMNS * 3]).astype(np.uint8)
GREY = (ROWS * 5).astype(np.uint8)
PICTURE = Image.fromarray(PIXELS)
LOSSY = 12.0


def file(image: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    if more := options.get("append_images"):
        options["append_images"] = [one.copy() for one in more]  # type: ignore[attr-defined]
    image.copy().save(data, kind, **options)  # of a picture Pillow tells the next encoder what it told the last one
    return data.getvalue()


def png(pixels: NDArray[np.integer], colours: int, *, interlaced: bool = False) -> bytes:
    """Of 8 or 16 bits a channel, as no camera but some programs write it (PNG, 5 and 8.2)."""
    height, width = pixels.shape[:2]
    deep = pixels.astype(pixels.dtype.newbyteorder(">"))
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    parts = [deep[y::down, x::right] for x, y, right, down in passes] if interlaced else [deep]
    rows = b"".join(b"\0" + row.tobytes() for part in parts for row in part)
    head = struct.pack(">IIBBBBB", width, height, 8 * deep.itemsize, colours, 0, 0, interlaced)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4) for name, body in chunks
    )


def wide(pixels: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return pixels.astype(np.uint16) * 257


def heic(*images: Image.Image) -> bytes:
    made = pillow_heif.from_pillow(images[0])
    for image in images[1:]:
        made.add_from_pillow(image)
    data = io.BytesIO()
    made.save(data, quality=95)
    return data.getvalue()


SOLID = np.full((48, 64, 1), 255, np.uint8)
JPEG = file(PICTURE, "JPEG", quality=95)
TURNED = PICTURE.rotate(180)

COLOURED = {
    "16 bits a channel": png(wide(PIXELS), 2),
    "16 bits with transparency": png(wide(np.dstack([PIXELS, SOLID])), 6),
    "interlaced": png(PIXELS, 2, interlaced=True),
    "PNG without its end": file(PICTURE, "PNG")[:-12],
    "bytes after a PNG": file(PICTURE, "PNG") + b"x" * 5000,
    "JPEG of a restart a row": file(PICTURE, "JPEG", quality=95, restart_marker_rows=1),
    "bytes before the end of a JPEG": JPEG[:-2] + b"\0\1\2" * 500 + JPEG[-2:],
    "bytes after a JPEG": JPEG + b"\1\2\3" * 500,
    "two photos in a JPEG": file(PICTURE, "MPO", save_all=True, append_images=[TURNED], quality=95),
    "JPEG with junk for a profile": file(PICTURE, "JPEG", quality=95, icc_profile=b"junk" * 99),
    "CMYK JPEG": file(PICTURE.convert("CMYK"), "JPEG", quality=95),
    "CMYK JPEG with junk for a profile": file(PICTURE.convert("CMYK"), "JPEG", quality=95, icc_profile=b"junk" * 99),
    "WebP without loss": file(Image.fromarray(np.dstack([PIXELS, SOLID])), "WEBP", lossless=True, exact=True),
    "bytes after a WebP": file(PICTURE, "WEBP", quality=95) + b"x" * 99,
    "TIFF of several pages": file(PICTURE, "TIFF", save_all=True, append_images=[TURNED]),
    "TIFF of CMYK": file(PICTURE.convert("CMYK"), "TIFF"),
    **{f"TIFF, {kind}": file(PICTURE, "TIFF", compression=kind) for kind in ("tiff_lzw", "packbits", "jpeg")},
    "BMP": file(PICTURE, "BMP"),
    "BMP with a channel more": file(Image.fromarray(np.dstack([PIXELS, SOLID])), "BMP"),
    "GIF that moves without a pause": file(PICTURE, "GIF", save_all=True, append_images=[TURNED], duration=0),
    "two photos in a HEIC": heic(PICTURE, TURNED),
    "AVIF that moves": file(PICTURE, "AVIF", quality=95, save_all=True, append_images=[TURNED]),
}
GREYS = {
    "16 bits": png(wide(GREY), 0),
    "16 bits with transparency": png(wide(np.dstack([GREY, SOLID])), 4),
    "TIFF of 16 bits": file(Image.fromarray(wide(GREY)), "TIFF"),
    "TIFF of fractions": file(Image.fromarray(GREY.astype(np.float32) / 255), "TIFF"),
    "TIFF of floating points": file(Image.fromarray(GREY.astype(np.float32)), "TIFF"),
}
NAMED = {
    b'<?xml version="1.0"?><svg/>': "SVG",
    b"<!DOCTYPE html>": "web page",
    b"Rar!\x1a\x07\x01\x00": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "Office",
    b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom": "raw photo",
    b"FUJIFILMCCD-RAW ": "raw photo",
    b"IIRO\x08\x00\x00\x00": "raw photo",
    b"IIU\x00\x18\x00\x00\x00": "raw photo",
    b"II+\x00\x08\x00\x00\x00": "BigTIFF",
    b"gimp xcf v011": "GIMP",
    b"qoif": "QOI",
    b"v/1\x01": "OpenEXR",
}


@pytest.mark.parametrize("name", COLOURED)
def test_the_picture_comes_out(name: str) -> None:
    found = decode(COLOURED[name])

    assert found.shape == PIXELS.shape
    assert np.abs(found.astype(float) - PIXELS).mean() < LOSSY


@pytest.mark.parametrize("name", GREYS)
def test_greys_of_many_bits_come_out_as_bright_as_they_are(name: str) -> None:
    found = decode(GREYS[name])

    assert found.shape == PIXELS.shape
    assert np.abs(found.astype(float) - GREY[..., None]).max() <= 1


@pytest.mark.parametrize("start", NAMED)
def test_a_foreign_format_is_named(start: bytes) -> None:
    with pytest.raises(UnsupportedFormat, match=NAMED[start]):
        decode(start + bytes(50))
    assert clip_format(start + bytes(50)) is None


def test_nothing_and_words_are_no_photo() -> None:
    with pytest.raises(EmptyPhoto):
        decode(b"")
    for data in (b"\xff", b"hello, this is no picture\n" * 20, b'{"ok":true}', bytes(500)):
        with pytest.raises(UnreadablePhoto):
            decode(data)


def test_twelve_bits_are_refused_in_a_line() -> None:
    data = bytearray(JPEG)
    data[data.index(b"\xff\xc0") + 4] = 12

    with pytest.raises(PhotoError):
        decode(bytes(data))


def test_a_small_file_of_many_pixels_is_refused_before_it_takes_memory() -> None:
    bits = np.zeros((1, 1), np.uint8)
    data = bytearray(png(bits, 0))
    at = data.index(b"IHDR")
    data[at + 4 : at + 13] = struct.pack(">IIB", 30_000, 30_000, 1)
    data[at + 17 : at + 21] = zlib.crc32(data[at : at + 17]).to_bytes(4)

    with pytest.raises(TooManyPixels, match="30000"):
        decode(bytes(data))


@pytest.mark.parametrize("size", [(65_500, 1), (1, 65_500), (1, 1)])
def test_strips_and_dots_are_pictures(size: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG"):
        assert decode(file(Image.new("RGB", size, "red"), kind)).shape == (size[1], size[0], 3)
