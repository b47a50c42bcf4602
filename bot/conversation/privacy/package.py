"""All that is stored of somebody in one zip: rows as JSON, photos as they are stored, features as numbers."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from core.clock import utc_now
from db.database import Database
from db.errors import PhotoMissing
from db.photos.photo_store import PhotoStore
from db.privacy.person_data import PersonData
from inference.photo.formats import SNIFF_BYTES, PhotoFormat, photo_format

LIMIT_BYTES = 49_000_000  # https://core.telegram.org/bots/api#senddocument: 50 MB
LIST_BYTES = 1_000_000  # for what was left out, and for the zip's own list
FILE_BYTES = 200  # what the zip notes of each file
ABOUT = (
    "All that breedbot stores of you. `rows`: by table, newest first; times are UTC. `photos/…`: your photos, named by "
    "the beginning of `photo_sha256`. `features/…`: what the network made of the photo of an answer, by its `id`: "
    "numbers, float16, little-endian. Secrets of buttons and logins are not in it."
)
_ENDINGS = {PhotoFormat.JPEG: "jpg", PhotoFormat.HEIF: "heic"}


@dataclass(frozen=True, slots=True)
class Package:
    """The zip; how many photos are in it, and how many files had no room."""

    data: bytes
    photos: int
    left_out: int


async def package(database: Database, photo_store: PhotoStore, user_id: int, limit_bytes: int = LIMIT_BYTES) -> Package:
    """Pack. Newest photos first, then features; what has no room is named. Raises: DatabaseError, PhotoStoreError."""
    async with database.unit(read_only=True) as unit:
        person = await unit.person_data.of(user_id)
    room = limit_bytes - LIST_BYTES - len(await asyncio.to_thread(_zipped, {"data.json": _json(person, [], [])}))
    box = _Box(room)
    missing = []
    for sha256 in person.photos:
        try:
            data = await photo_store.get(sha256)
        except PhotoMissing:
            missing.append(sha256)
        else:
            await asyncio.to_thread(box.add, f"photos/{sha256[:16]}.{_ending(data)}", data)
    photos = len(box.names)
    for prediction_id in person.with_features:
        async with database.unit(read_only=True) as unit:
            features = await unit.predictions.features([prediction_id])
        for number, (_, data) in features.items():
            box.add(f"features/{number}.f16", data)
    data = await asyncio.to_thread(box.closed, _json(person, box.left_out, missing))
    return Package(data, photos, len(box.left_out) + person.rows_left_out)


class _Box:
    """A zip with a limit."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._file = BytesIO()
        self._zip = ZipFile(self._file, "w", ZIP_STORED)
        self.names: list[str] = []
        self.left_out: list[str] = []

    def add(self, name: str, data: bytes) -> None:
        """Put it in if there is room."""
        needed = len(data) + FILE_BYTES
        if needed > self._room:
            self.left_out.append(name)
            return
        self._room -= needed
        self._zip.writestr(name, data)
        self.names.append(name)

    def closed(self, text: str) -> bytes:
        """The whole zip, with data.json."""
        self._zip.writestr("data.json", text, ZIP_DEFLATED)
        self._zip.close()
        return self._file.getvalue()


def _json(person: PersonData, left_out: Iterable[str], missing: Iterable[str]) -> str:
    whole: dict[str, Any] = {
        "about": ABOUT,
        "packed_at": utc_now().isoformat(),
        "rows": person.rows,
        "left_out": {"files": list(left_out), "rows": person.rows_left_out, "photos_not_found": list(missing)},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _zipped(texts: dict[str, str]) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as zipped:
        for name, text in texts.items():
            zipped.writestr(name, text)
    return file.getvalue()


def _ending(data: bytes) -> str:
    kind = photo_format(data[:SNIFF_BYTES])
    return _ENDINGS.get(kind, kind.value.lower()) if kind is not None else "bin"
