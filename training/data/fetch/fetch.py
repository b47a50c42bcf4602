"""Stanford Dogs from its official place to a folder: ``breedbot data fetch``.

Khosla, Jayadevaprakash, Yao, Fei-Fei: Novel Dataset for Fine-Grained Image Categorization, FGVC at CVPR 2011.
Sizes and SHA-256 of the archives: TensorFlow Datasets, tensorflow_datasets/url_checksums/stanford_dogs.txt
(https://github.com/tensorflow/datasets, commit 24211da).

FetchError: nothing was begun; the message says what to do first.
"""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from tenacity.wait import wait_base

from training.data.fetch.download import PART, RemoteFile, download
from training.data.fetch.unpack import unpack
from training.data.read.photo_folder import visible

BASE_URL: Final = "http://vision.stanford.edu/aditya86/ImageNetDogs/"  # it has no https; the checksums vouch for it
RESERVE_BYTES: Final = 200 * 2**20  # left free: blocks that small files do not fill, and whatever else runs


class FetchError(Exception):
    """The data cannot be fetched to there."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One tar file of a data set.

    Attributes:
        name: below the base URL, and in the folder until it is unpacked.
        folder: what it becomes.
        size_bytes, sha256: of the file. Not compressed, so unpacked it takes as much again.
        files: what ``folder`` holds at least.
    """

    name: str
    folder: str
    size_bytes: int
    sha256: str
    files: int


_LISTS_SHA256: Final = "34b47cacd9a98b5d150e084f24d29391c084c55272295ec65c85651bc35f4d6c"
_IMAGES_SHA256: Final = "a443fc2f9a851aa1a7b8e4fa4af94b8459fce2c9f5a2f4dd4669cf9673a4ec58"
STANFORD_DOGS: Final = (
    Archive("lists.tar", "lists", 481_280, _LISTS_SHA256, files=3),
    Archive("images.tar", "Images", 793_579_520, _IMAGES_SHA256, files=20_580),
)


async def fetch(
    folder: Path,
    archives: Sequence[Archive] = STANFORD_DOGS,
    base_url: str = BASE_URL,
    *,
    wait: wait_base | None = None,
) -> bool:
    """Download and unpack what ``folder`` lacks; a run that was cut off anywhere goes on where it was.

    Args:
        folder: made if it does not exist.
        archives: which.
        base_url: theirs, or a mirror's with the very same files.
        wait: between tries; see `download`.

    Returns:
        Whether anything was missing.

    Raises:
        FetchError: too little space, another run at work there, or a folder that somebody unpacked in part.
        DownloadError, ArchiveError, OSError: see `download` and `unpack`.
    """
    with _alone(folder), _bars() as bars:
        missing = [archive for archive in archives if not _is_there(folder, archive)]
        _look_for_space(folder, missing)
        for archive in missing:
            await _fetch_one(folder, archive, base_url, bars, wait)
    return bool(missing)


async def _fetch_one(folder: Path, archive: Archive, base_url: str, bars: Progress, wait: wait_base | None) -> None:
    file = RemoteFile(base_url.rstrip("/") + "/" + archive.name, archive.size_bytes, archive.sha256)
    packed = folder / archive.name
    coming = bars.add_task(archive.name, total=archive.size_bytes, completed=_bytes_there(folder, archive))
    await download(file, packed, lambda done: bars.update(coming, completed=done), wait=wait)
    unpacking = bars.add_task(f"unpacking {archive.folder}", total=archive.size_bytes)
    await asyncio.to_thread(
        unpack, packed, folder / archive.folder, lambda done: bars.update(unpacking, completed=done)
    )
    bars.update(unpacking, completed=archive.size_bytes)
    packed.unlink()


def _is_there(folder: Path, archive: Archive) -> bool:
    target = folder / archive.folder
    if not target.exists():
        return False
    found = sum(path.is_file() or sum(1 for _ in visible(path)) for path in visible(target))
    if found < archive.files:
        raise FetchError(
            f"{target}: holds {found:,} of {archive.files:,} files, so somebody unpacked or copied it in part; "
            "remove or rename it, then run the command again"
        )
    return True


def _look_for_space(folder: Path, missing: Sequence[Archive]) -> None:
    needed = RESERVE_BYTES + sum(2 * archive.size_bytes - _bytes_there(folder, archive) for archive in missing)
    free = shutil.disk_usage(folder).free
    if missing and free < needed:
        raise FetchError(
            f"{folder}: {needed / 2**30:.1f} GB are needed for archive and photos, {free / 2**30:.1f} GB are free; "
            "free some space or name a folder on another disk"
        )


def _bytes_there(folder: Path, archive: Archive) -> int:
    packed, part = folder / archive.name, folder / (archive.name + PART)
    if packed.exists():
        return archive.size_bytes
    return min(part.stat().st_size, archive.size_bytes) if part.exists() else 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One run at a time; the system lets go of the lock when the process dies, however it dies."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / ".fetch.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FetchError(f"{folder}: another `breedbot data fetch` is at work there; wait for it") from error
        yield
    finally:
        os.close(descriptor)


def _bars() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), redirect_stdout=False)
