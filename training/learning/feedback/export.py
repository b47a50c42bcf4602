"""What people taught, taken along in files: a folder that is there as a whole or not at all."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.atomic_file import whole_folder
from db.database import Database
from db.learning.claims import ClaimRecord
from db.photos.photo_store import PhotoStore
from training.learning.feedback.claim_sheet import write_sheet
from training.learning.feedback.feedback_photos import feedback_photos
from training.learning.feedback.label_studio import write_tasks
from training.learning.feedback.photo_copies import PhotoCopies
from training.learning.feedback.photo_folders import write_folders

PAGE = 1000
TASKS_LIMIT = 100_000  # of a Label Studio project (https://labelstud.io/guide/tasks)


class ExportFormat(StrEnum):
    """What for: every claim as a table; accepted photos to train on; waiting ones to review."""

    CSV = "csv"
    FOLDERS = "folders"
    LABEL_STUDIO = "label-studio"


class FolderExists(Exception):
    """Nothing is written over."""


class NothingToExport(Exception):
    """There is nothing of that kind yet; no folder was made."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: `count` claims, photos or tasks. `left_out`: reasons by SHA-256 of a photo."""

    count: int
    left_out: Mapping[str, str]


async def export(
    database: Database, store: PhotoStore, folder: Path, kind: ExportFormat, *, with_users: bool = False
) -> Exported:
    """Write a new folder.

    Args:
        database: where the claims are.
        store: where the photos are.
        folder: must not exist.
        kind: what to write.
        with_users: tell who said what, by their Telegram ids.

    Raises:
        FolderExists, NothingToExport, OSError, DatabaseError, PhotoStoreError: nothing was written.
    """
    if await asyncio.to_thread(os.path.lexists, folder):
        raise FolderExists(f"{folder}: exists already; name a new folder")
    with whole_folder(folder) as unfinished:
        copies = PhotoCopies(store)
        match kind:
            case ExportFormat.CSV:
                count = await write_sheet(_all(database), unfinished, store.place, with_users=with_users)
            case ExportFormat.FOLDERS:
                found = await feedback_photos(database, store)
                copies.left_out |= dict.fromkeys(found.missing, "not in the photo store")
                copies.left_out |= dict.fromkeys(found.disputed, "accepted claims contradict each other")
                count = await write_folders(found, copies, unfinished, with_users=with_users)
            case ExportFormat.LABEL_STUDIO:
                async with database.unit(read_only=True) as unit:
                    waiting = await unit.claims.waiting(TASKS_LIMIT)
                count = await write_tasks(waiting, copies, unfinished, folder.name, with_users=with_users)
        if not count:
            raise NothingToExport(_NOTHING[kind] + _lost(copies.left_out))
    return Exported(count, copies.left_out)


_NOTHING = {
    ExportFormat.CSV: "nobody has said anything about an answer yet",
    ExportFormat.FOLDERS: "no photo has been accepted yet; `breedbot feedback accept` accepts what people said",
    ExportFormat.LABEL_STUDIO: "nothing waits for a review",
}


def _lost(left_out: Mapping[str, str]) -> str:
    return f"; {len(left_out)} photos had to be left out: {next(iter(left_out.values()))}" if left_out else ""


async def _all(database: Database) -> AsyncIterator[ClaimRecord]:
    after_id = 0
    while True:
        async with database.unit(read_only=True) as unit:
            page = await unit.claims.page(after_id=after_id, limit=PAGE)
        for claim in page:
            yield claim
        if not page:
            return
        after_id = page[-1].event_id
