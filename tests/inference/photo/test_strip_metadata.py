"""What is stored of a photo is its picture: no place, no time, no name; and that picture bit by bit."""

import io
import struct
from itertools import product

import numpy as np
import pillow_heif
import pytest
from broken_photos import ORIENTATION, broken_photos, encoded, odd_photos, picture
from checkout import SHARED
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from inference.photo.decode import PhotoError, decode
from inference.photo.metadata.heif_boxes import bare_heif
from inference.photo.metadata.strip_metadata import strip_metadata

PHOTOS = SHARED / "dogs"
SECRET = b"Rue de la Niche"
XMP = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>" + b" " * 40
GPS = 0x8825


def exif(orientation: int = 1) -> bytes:
    block = Image.Exif()
    block[ORIENTATION] = orientation
    block[0x010F] = SECRET.decode()
    block.get_ifd(GPS).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return block.tobytes()


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def telling(kind: str, orientation: int = 1) -> bytes:
    """A photo that says all that this format can."""
    options: dict[str, object] = {"exif": exif(orientation), "icc_profile": profile()}
    if kind == "JPEG":
        options |= {"comment": SECRET, "xmp": XMP}
    if kind == "PNG":
        text = PngInfo()
        text.add_text("Author", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options |= {"pnginfo": text}
    if kind in {"WEBP", "HEIF", "AVIF"}:
        options |= {"xmp": XMP}
    return encoded(picture(), kind, **options)


def says_something(data: bytes) -> bool:
    return SECRET in data or b"xmpmeta" in data or struct.pack(">H", GPS) + b"\x00\x04" in data


@pytest.mark.parametrize(("kind", "orientation"), [*product(("JPEG", "PNG", "WEBP", "HEIF", "AVIF"), (1, 3, 6))])
def test_a_photo_keeps_its_pixels_and_loses_everything_else(kind: str, orientation: int) -> None:
    data = telling(kind, orientation)

    bare = strip_metadata(data)

    assert says_something(data)
    assert not says_something(bare)
    assert (decode(bare) == decode(data)).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_not_encoded_anew_and_keep_their_colour_profile(kind: str) -> None:
    bare = Image.open(io.BytesIO(strip_metadata(telling(kind, 6))))

    assert bare.format == kind
    assert bare.info["icc_profile"] == profile()
    assert dict(bare.getexif()) == {ORIENTATION: 6}
    assert not bare.getexif().get_ifd(GPS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_a_bare_photo_stays_the_same_to_the_byte(kind: str) -> None:
    bare = strip_metadata(telling(kind, 8))

    assert strip_metadata(bare) == bare


def test_an_upright_photo_has_no_exif_at_all() -> None:
    assert b"Exif" not in strip_metadata(telling("JPEG"))


def test_heic_and_avif_are_overwritten_in_place() -> None:
    for kind in ("HEIF", "AVIF"):
        data = telling(kind)

        bare = strip_metadata(data)

        assert len(bare) == len(data), kind
    assert not pillow_heif.read_heif(strip_metadata(telling("HEIF"))).info["xmp"].strip(b"\x00MM*\x08")


def test_what_hides_behind_the_picture_or_in_thumbnails_goes_too() -> None:
    jpeg = encoded(picture(), "JPEG")
    clip = b"\x00\x00\x00\x18ftypmp42" + SECRET
    thumbnail = b"JFXX\x00\x10" + telling("JPEG")
    jfxx = b"\xff\xe0" + (len(thumbnail) + 2).to_bytes(2) + thumbnail
    iptc = b"\xff\xed" + (2 + 14 + len(SECRET)).to_bytes(2) + b"Photoshop 3.0\x00" + SECRET
    second = encoded(
        picture(), "MPO", save_all=True, append_images=[Image.open(io.BytesIO(telling("JPEG")))], exif=exif()
    )
    for data in (jpeg + clip, jpeg[:20] + jfxx + iptc + jpeg[20:], second, encoded(picture(), "PNG") + SECRET):
        bare = strip_metadata(data)

        assert not says_something(bare)
        assert (decode(bare) == decode(data)).all()


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
def test_jpegs_of_every_build_are_taken_apart(options: dict[str, object]) -> None:
    colourful = Image.fromarray(np.random.default_rng(3).integers(0, 256, (90, 120, 3), np.uint8))
    for image in (colourful, colourful.convert("L"), colourful.convert("CMYK")):
        data = encoded(image, "JPEG", exif=exif(), **options)

        bare = strip_metadata(data)

        assert not says_something(bare)
        assert len(bare) < len(data)
        assert (decode(bare) == decode(data)).all()


def test_odd_photos_show_what_they_showed() -> None:
    for photo in odd_photos():
        bare = strip_metadata(photo.data)

        assert decode(bare).shape == decode(photo.data).shape, photo.name
        assert np.abs(decode(bare).astype(int) - decode(photo.data)).mean() < 3, photo.name


def test_what_no_decoder_reads_is_left_as_unreadable_as_it_was() -> None:
    for photo in broken_photos():
        with pytest.raises(PhotoError):
            decode(strip_metadata(photo.data))


def test_a_photo_cut_in_the_middle_never_keeps_what_it_says() -> None:
    for kind in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF"):
        data = telling(kind)
        for end in range(0, len(data), max(1, len(data) // 60)):
            bare = strip_metadata(data[:end])
            try:
                decode(bare)
            except PhotoError:
                continue
            assert not says_something(bare), (kind, end)


def test_bytes_flipped_anywhere_crash_nothing_and_a_readable_photo_stays_readable() -> None:
    random = np.random.default_rng(7)
    for kind in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF"):
        data = telling(kind, 6)
        for _ in range(60):
            damaged = bytearray(data)
            for at in random.integers(12, len(data), 3):
                damaged[at] = random.integers(256)
            try:
                before = decode(bytes(damaged))
            except PhotoError:
                before = None
            bare = strip_metadata(bytes(damaged))
            if before is not None:
                assert decode(bare).shape == before.shape


def test_a_large_file_that_is_nothing_but_markers_is_gone_through_once() -> None:
    jpeg = encoded(picture(), "JPEG")
    hostile = jpeg[:-2] + b"\xff\x00" * (9 * 2**20) + jpeg[-2:]

    assert len(strip_metadata(hostile)) > 9 * 2**20  # going back at each of them would take hours


@pytest.mark.slow
@pytest.mark.photos
@pytest.mark.skipif(not PHOTOS.exists(), reason="no photos")
def test_real_photos_keep_every_pixel() -> None:
    for path in sorted(PHOTOS.glob("*/*"))[::40]:
        data = path.read_bytes()

        bare = strip_metadata(data)

        assert len(bare) <= len(data), path
        assert (decode(bare) == decode(data)).all(), path


def test_a_damaged_heic_that_calls_its_picture_a_note_is_encoded_anew() -> None:
    data = encoded(picture(), "HEIF", exif=exif())
    exif_entry = data.index(b"Exif") - 4
    picture_entry = data.index(b"hvc1", data.index(b"infe")) - 4
    as_picture = data[:exif_entry] + data[picture_entry : picture_entry + 2] + data[exif_entry + 2 :]

    bare = strip_metadata(as_picture)

    assert says_something(as_picture)
    assert not says_something(bare)
    assert decode(bare).shape == decode(data).shape


def test_a_damaged_heic_whose_picture_lies_in_a_box_of_no_known_kind_keeps_it() -> None:
    data = encoded(picture(), "HEIF", exif=exif()).replace(b"mdat", b"m\xe4at")

    assert decode(strip_metadata(data)).shape == decode(data).shape


def test_a_webp_without_the_flag_for_its_exif_stays_as_decoders_show_it() -> None:
    data = bytearray(telling("WEBP", 6))
    data[20] &= ~0x08

    assert np.array_equal(decode(strip_metadata(bytes(data))), decode(bytes(data)))


def test_a_table_of_a_hundred_million_places_in_no_bytes_is_not_read() -> None:
    def box(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", 8 + len(body)) + name + body

    entry = box(b"infe", b"\x02\x00\x00\x00" + struct.pack(">HH4s", 1, 0, b"Exif") + b"\x00")
    places = struct.pack(">HHH", 0, 0, 10_000)  # item 0, 10,000 extents of no bytes
    table = box(b"iloc", bytes(4) + b"\x00\x00" + struct.pack(">H", 10_000) + places * 10_000)
    meta = box(b"meta", bytes(4) + box(b"iinf", bytes(4) + struct.pack(">H", 1) + entry) + table)
    file = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + meta

    with pytest.raises(ValueError, match="parts without a place"):
        bare_heif(file)
    strip_metadata(file)
