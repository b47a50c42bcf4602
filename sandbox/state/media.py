"""From an uploaded file to the part of a Bot API message that shows it: photo, document, sticker, voice, video.

The kind is chosen by type, as Telegram's apps do; what cannot be read as the kind it claims to be goes as a document.
"""

from __future__ import annotations

import asyncio
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.state import photo_sizes
from sandbox.state.files import Files, StoredFile
from sandbox.state.photo_sizes import Jpeg, NotAPhoto, Picture

_STICKER_PX = 512  # https://core.telegram.org/stickers: one side is exactly this
_STICKER_BYTES = 512 * 1024
_VOICE_SUFFIXES = frozenset({".ogg", ".oga", ".opus"})
_DECODERS = 2  # so many photos are decoded at once; more would only cost memory


@dataclass(slots=True)
class Upload:
    """A file just received, still in the incoming folder."""

    path: Path
    name: str

    @property
    def suffix(self) -> str:
        """With the dot, lower case; "" for odd names."""
        suffix = Path(self.name).suffix.lower()
        return suffix if suffix[1:].isalnum() and len(suffix) <= 10 else ""

    @property
    def mime_type(self) -> str:
        """By name, as clients do."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@dataclass(slots=True)
class Media:
    """`fields` go into the message; `file_ids` are the files it keeps alive."""

    kind: str
    fields: dict[str, Any]
    file_ids: list[str] = field(default_factory=list)


class MediaMaker:
    """Makes media from uploads; the slow part runs in threads."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._decoding = asyncio.Semaphore(_DECODERS)

    async def from_person(self, upload: Upload, *, as_file: bool = False) -> Media:
        """What a person's app would make of this file."""
        if not as_file:
            kind, picture = await asyncio.to_thread(_kind, upload)
            if kind == "photo":
                try:
                    return await self.photo(upload)
                except NotAPhoto:
                    kind = "document"
            if kind != "document":
                return await self._special(upload, kind, picture)
        return await self.document(upload)

    async def photo(self, upload: Upload) -> Media:
        """In Telegram's sizes. Raises NotAPhoto."""
        async with self._decoding:
            sizes = await asyncio.to_thread(photo_sizes.photo_sizes, upload.path)
        stored = [(self._store(jpeg, "photo"), jpeg) for jpeg in sizes]
        upload.path.unlink()
        return Media("photo", {"photo": [_photo_size(*one) for one in stored]}, [file.file_id for file, _ in stored])

    async def document(self, upload: Upload) -> Media:
        """The bytes unchanged, with a thumbnail where there is something to see."""
        preview = await self._thumbnail(upload)
        file = self._files.adopt(upload.path, "document", upload.suffix)
        fields = {**_named(upload, file), **preview.fields}
        return Media("document", {"document": fields}, [file.file_id, *preview.file_ids])

    async def _special(self, upload: Upload, kind: str, picture: Picture | None) -> Media:
        preview = await self._thumbnail(upload) if kind in {"animation", "sticker"} else Media("thumbnail", {})
        file = self._files.adopt(upload.path, kind, upload.suffix)
        fields = _SHAPES[kind](upload, file, picture) | preview.fields
        message_fields = {kind: fields}
        if kind == "animation":  # for clients older than animations: https://core.telegram.org/bots/api#message
            message_fields["document"] = {**_named(upload, file), **preview.fields}
        return Media(kind, message_fields, [file.file_id, *preview.file_ids])

    async def _thumbnail(self, upload: Upload) -> Media:
        async with self._decoding:
            jpeg = await asyncio.to_thread(photo_sizes.thumbnail, upload.path)
        if jpeg is None:
            return Media("thumbnail", {})
        file = self._store(jpeg, "thumbnail")
        return Media("thumbnail", {"thumbnail": _photo_size(file, jpeg)}, [file.file_id])

    def _store(self, jpeg: Jpeg, media: str) -> StoredFile:
        path = self._files.incoming_path()
        path.write_bytes(jpeg.data)
        return self._files.adopt(path, media, ".jpg")


def _kind(upload: Upload) -> tuple[str, Picture | None]:
    """Reads the header. Blocking."""
    picture = photo_sizes.look(upload.path)
    if picture is not None:
        return _picture_kind(picture, upload.path.stat().st_size), picture
    if upload.suffix == ".tgs":
        return "sticker", None
    if upload.suffix in _VOICE_SUFFIXES:
        return "voice", None
    major = upload.mime_type.partition("/")[0]
    return (major if major in {"audio", "video"} else "document"), None


def _picture_kind(picture: Picture, size_bytes: int) -> str:
    if picture.format == "GIF" and picture.frames > 1:
        return "animation"
    sticker_sized = max(picture.width, picture.height) == _STICKER_PX and size_bytes <= _STICKER_BYTES
    if picture.format == "WEBP" and sticker_sized:
        return "sticker"
    return "photo" if picture.is_photo else "document"


def _photo_size(file: StoredFile, jpeg: Jpeg) -> dict[str, Any]:
    return {**file.fields(), "width": jpeg.width, "height": jpeg.height}


def _named(upload: Upload, file: StoredFile) -> dict[str, Any]:
    return {**file.fields(), "file_name": upload.name, "mime_type": upload.mime_type}


def _sticker(upload: Upload, file: StoredFile, picture: Picture | None) -> dict[str, Any]:
    width, height = (picture.width, picture.height) if picture else (_STICKER_PX, _STICKER_PX)
    animated = upload.suffix == ".tgs"
    shape = {"type": "regular", "width": width, "height": height, "is_animated": animated, "is_video": False}
    return {**file.fields(), **shape, "emoji": "🐶"}


def _moving(upload: Upload, file: StoredFile, picture: Picture | None) -> dict[str, Any]:
    """Sizes of real videos would need a demuxer; the fields must be there, so they get a plain value."""
    width, height = (picture.width, picture.height) if picture else (1280, 720)
    return {**_named(upload, file), "width": width, "height": height, "duration": 1}


def _sound(upload: Upload, file: StoredFile, _picture: Picture | None) -> dict[str, Any]:
    return {**_named(upload, file), "duration": 1}


def _voice(upload: Upload, file: StoredFile, _picture: Picture | None) -> dict[str, Any]:
    return {**file.fields(), "mime_type": upload.mime_type, "duration": 1}


_SHAPES = {"sticker": _sticker, "video": _moving, "animation": _moving, "audio": _sound, "voice": _voice}
