"""Which of the files that Telegram offers is the photo to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from telegram import Document, Message, PhotoSize

SHORT_SIDE_PX = 448  # twice the network's 224: enough for its crops, and a fraction of a 2560 px download
MIMES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".gif": "image/gif",
}


@dataclass(frozen=True, slots=True)
class ChosenPhoto:
    """A file to download. Width and height in pixels, 0 = Telegram does not say; so is an unknown size."""

    file_id: str
    mime: str
    width: int = 0
    height: int = 0
    size_bytes: int = 0


def choose(message: Message) -> ChosenPhoto | None:
    """The photo of a message: one of its sizes, or a file that is an image by its type or name."""
    if message.photo:
        size = just_large_enough(message.photo)
        return ChosenPhoto(size.file_id, "image/jpeg", size.width, size.height, size.file_size or 0)
    if message.document is not None and (mime := image_mime(message.document)) is not None:
        return ChosenPhoto(message.document.file_id, mime, size_bytes=message.document.file_size or 0)
    return None


def just_large_enough(sizes: Sequence[PhotoSize], short_side_px: int = SHORT_SIDE_PX) -> PhotoSize:
    """The smallest size whose short side is long enough, else the largest there is."""
    by_size = sorted(sizes, key=lambda size: min(size.width, size.height))
    return next((size for size in by_size if min(size.width, size.height) >= short_side_px), by_size[-1])


def image_mime(document: Document) -> str | None:
    """The image type of a file by what it claims to be; None = no image. The decoder finds out whether that is true."""
    mime = (document.mime_type or "").lower()
    if mime in MIMES.values():
        return mime
    return MIMES.get(PurePath(document.file_name or "").suffix.lower())
