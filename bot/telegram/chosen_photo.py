"""Which of the files that Telegram offers is the photo to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from telegram import Document, ExternalReplyInfo, Message, PhotoSize

from db.chat.chat_records import PhotoForm

SHORT_SIDE_PX = 448  # twice what most networks look at: enough for crops, and a fraction of a 2560 px download
Source = Message | ExternalReplyInfo  # what carries a photo: a message, or what is shown of one in another chat
MIMES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jfif": "image/jpeg",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".png": "image/png",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
}
UNKNOWN = "application/octet-stream"
_SAYS_NOTHING = {"", UNKNOWN, "binary/octet-stream"}
_NO_NAMES = {"", ".bin", ".dat", ".tmp", ".part", ".download"}  # what programs call a file whose kind they do not know


@dataclass(frozen=True, slots=True)
class ChosenPhoto:
    """A file to download. Width and height in pixels, 0 = Telegram does not say; so is an unknown size."""

    file_id: str
    mime: str
    form: PhotoForm = PhotoForm.PHOTO
    width: int = 0
    height: int = 0
    size_bytes: int = 0


def choose(source: Source) -> ChosenPhoto | None:
    """The photo of a message: one of its sizes, a moving or a static picture, or a file that may be one."""
    live = source.live_photo
    if sizes := source.photo or (live.photo if live is not None else ()):
        size = just_large_enough(sizes)
        return ChosenPhoto(size.file_id, "image/jpeg", PhotoForm.PHOTO, size.width, size.height, size.file_size or 0)
    if (moving := source.animation) is not None:
        return ChosenPhoto(moving.file_id, "video/mp4", PhotoForm.ANIMATION, size_bytes=moving.file_size or 0)
    if (video := source.video or source.video_note or live) is not None:
        return ChosenPhoto(video.file_id, "video/mp4", PhotoForm.VIDEO, size_bytes=video.file_size or 0)
    if source.sticker is not None:
        drawn = source.sticker.is_animated or source.sticker.is_video
        return None if drawn else ChosenPhoto(source.sticker.file_id, "image/webp", PhotoForm.STICKER)
    if source.document is not None and (mime := image_mime(source.document)) is not None:
        return ChosenPhoto(source.document.file_id, mime, PhotoForm.FILE, size_bytes=source.document.file_size or 0)
    return None


def just_large_enough(sizes: Sequence[PhotoSize], short_side_px: int = SHORT_SIDE_PX) -> PhotoSize:
    """The smallest size whose short side is long enough, else the largest there is."""
    by_size = sorted(sizes, key=lambda size: min(size.width, size.height))
    return next((size for size in by_size if min(size.width, size.height) >= short_side_px), by_size[-1])


def image_mime(document: Document) -> str | None:
    """The type of a picture or video by what a file claims to be; None = surely neither. Its bytes decide."""
    mime = (document.mime_type or "").lower()
    if mime.startswith(("image/", "video/")):
        return None if mime == "image/svg+xml" else mime
    suffix = PurePath(document.file_name or "").suffix.lower()
    if suffix in MIMES:
        return MIMES[suffix]
    return UNKNOWN if mime in _SAYS_NOTHING and suffix in _NO_NAMES else None
