"""The photo is fetched in the smallest size that serves the network."""

import pytest
from telegram import Document, ExternalReplyInfo, LivePhoto, MessageOriginHiddenUser, PhotoSize

from bot.telegram.update import choose, image_mime, just_large_enough
from core.clock import utc_now


def size(width: int, height: int) -> PhotoSize:
    return PhotoSize(f"{width}x{height}", f"u{width}x{height}", width, height)


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ([(90, 67), (320, 240), (800, 600), (1280, 960), (2560, 1920)], (800, 600)),
        ([(90, 25), (320, 90), (800, 225), (1280, 360), (2560, 720)], (2560, 720)),
        ([(2560, 1440), (1280, 720), (90, 51), (800, 450)], (800, 450)),
        ([(90, 90), (320, 320)], (320, 320)),
        ([(90, 90)], (90, 90)),
        ([(448, 448), (449, 449)], (448, 448)),
    ],
)
def test_just_large_enough(sizes: list[tuple[int, int]], chosen: tuple[int, int]) -> None:
    best = just_large_enough([size(*one) for one in sizes])

    assert (best.width, best.height) == chosen


@pytest.mark.parametrize(
    ("name", "mime", "expected"),
    [
        ("a.jpg", "image/jpeg", "image/jpeg"),
        ("a.HEIC", None, "image/heic"),
        ("a.bin", "image/png", "image/png"),
        (None, "IMAGE/WEBP", "image/webp"),
        ("a.pdf", "application/pdf", None),
        ("a.jfif", "application/octet-stream", "image/jpeg"),
        ("a.jpg", "image/jpg", "image/jpg"),
        ("a.zip", "application/octet-stream", None),
        ("jpg", None, "application/octet-stream"),
        (None, None, "application/octet-stream"),
        ("a.svg", "image/svg+xml", None),
    ],
)
def test_what_counts_as_an_image_file(name: str | None, mime: str | None, expected: str | None) -> None:
    assert image_mime(Document("id", "unique", file_name=name, mime_type=mime)) == expected


def test_of_a_live_photo_elsewhere_the_photo_is_looked_at_and_without_one_the_film() -> None:
    origin = MessageOriginHiddenUser(utc_now(), "somebody")
    live = LivePhoto("film", "u", 720, 1280, 3, photo=[size(320, 240), size(800, 600)])
    bare = LivePhoto("film", "u", 720, 1280, 3)

    shown = choose(ExternalReplyInfo(origin, live_photo=live))
    filmed = choose(ExternalReplyInfo(origin, live_photo=bare))

    assert shown is not None
    assert filmed is not None
    assert (shown.file_id, filmed.file_id) == ("800x600", "film")
