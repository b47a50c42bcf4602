"""Stanford Dogs comes to a folder, whatever cuts it off, and only what is missing comes."""

import asyncio
import hashlib
import io
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from file_server import Fault, FileServer, serving
from tenacity import wait_none

from training.data.fetch.download import DownloadCorrupt, SourceRefused
from training.data.fetch.fetch import STANFORD_DOGS, Archive, FetchError, fetch
from training.data.read.dataset import read_photos

FOLDERS = ("n02085620-Chihuahua", "n02088094-Afghan_hound")
SLOW = """
import sys, time
from pathlib import Path
from training.data.fetch.unpack import unpack

def told(done):
    print(done, flush=True)
    time.sleep(60)

unpack(Path(sys.argv[1]), Path(sys.argv[2]), told)
"""


def tar_of(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


IMAGES = tar_of({f"Images/{folder}/{number}.jpg": os.urandom(50_000) for folder in FOLDERS for number in range(4)})
LISTS = tar_of({"file_list.mat": b"1", "train_list.mat": b"2", "test_list.mat": b"3"})


def archive_of(name: str, folder: str, content: bytes, files: int) -> Archive:
    return Archive(name, folder, len(content), hashlib.sha256(content).hexdigest(), files)


ARCHIVES = (archive_of("lists.tar", "lists", LISTS, 3), archive_of("images.tar", "Images", IMAGES, 8))


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    async with serving({"images.tar": IMAGES, "lists.tar": LISTS}) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "stanford"


async def run(folder: Path, server: FileServer, archives: tuple[Archive, ...] = ARCHIVES) -> bool:
    return await fetch(folder, archives, server.url, wait=wait_none())


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".fetch.lock"}


async def until_there(path: Path) -> None:
    for _ in range(1000):
        if os.path.exists(path):  # noqa: ASYNC240, PTH110
            return
        await asyncio.sleep(0.01)


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


async def test_the_folder_can_be_read_and_the_archives_are_gone(server: FileServer, folder: Path) -> None:
    fetched = await run(folder, server)

    assert fetched
    assert names(folder) == {"Images", "lists"}
    assert names(folder / "lists") == {"file_list.mat", "train_list.mat", "test_list.mat"}
    assert [photo.breed for photo in read_photos(folder)] == ["chihuahua"] * 4 + ["afghan_hound"] * 4


async def test_a_second_run_asks_for_nothing(server: FileServer, folder: Path) -> None:
    await run(folder, server)
    server.asked.clear()

    fetched = await run(folder, server)

    assert not fetched
    assert server.asked == []


async def test_only_what_is_missing_comes(server: FileServer, folder: Path) -> None:
    put(folder / "images.tar.part", IMAGES[:100_000])
    for name in ("file_list.mat", "train_list.mat", "test_list.mat"):
        put(folder / "lists" / name, b"")

    await run(folder, server)

    assert server.asked == ["images.tar bytes=100000-"]
    assert len(read_photos(folder)) == 8


async def test_a_run_cut_off_in_the_middle_of_a_download_is_gone_on_with(server: FileServer, folder: Path) -> None:
    server.faults = [Fault(), Fault(cut_after_bytes=200_000, stalls=True)]
    first = asyncio.ensure_future(run(folder, server))
    await server.stalled.wait()
    await until_there(folder / "images.tar.part")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert names(folder) == {"lists", "images.tar.part"}

    await run(folder, server)

    assert server.asked[-1].startswith("images.tar bytes=")
    assert len(read_photos(folder)) == 8


async def test_a_run_killed_while_unpacking_is_gone_on_with_without_the_server(
    server: FileServer, folder: Path
) -> None:
    put(folder / "images.tar", IMAGES)
    await asyncio.to_thread(_killed_while_unpacking, folder)
    assert names(folder) == {"images.tar", ".Images.unpacking"}

    await run(folder, server)

    assert server.asked == ["lists.tar"]
    assert names(folder) == {"Images", "lists"}
    assert len(read_photos(folder)) == 8


def _killed_while_unpacking(folder: Path) -> None:
    command = [sys.executable, "-c", SLOW, str(folder / "images.tar"), str(folder / "Images")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)


async def test_a_wrong_checksum_leaves_nothing_to_be_taken_for_photos(server: FileServer, folder: Path) -> None:
    server.files["images.tar"] = bytes(len(IMAGES))

    with pytest.raises(DownloadCorrupt):
        await run(folder, server)

    assert names(folder) == {"lists"}


async def test_a_server_without_the_file_is_named(server: FileServer, folder: Path) -> None:
    del server.files["images.tar"]

    with pytest.raises(SourceRefused, match=r"images\.tar: 404"):
        await run(folder, server)


async def test_a_disk_too_small_is_said_before_anything_comes(server: FileServer, folder: Path) -> None:
    huge = replace(ARCHIVES[1], size_bytes=10**18)

    with pytest.raises(FetchError, match=r"stanford: .* GB are needed for archive and photos, .* GB are free"):
        await run(folder, server, (ARCHIVES[0], huge))

    assert server.asked == []


async def test_a_folder_unpacked_by_hand_in_part_is_said(server: FileServer, folder: Path) -> None:
    put(folder / "Images" / FOLDERS[0] / "0.jpg", b"")

    with pytest.raises(FetchError, match="Images: holds 1 of 8 files"):
        await run(folder, server)


async def test_two_runs_at_once_are_refused(server: FileServer, folder: Path) -> None:
    server.faults = [Fault(cut_after_bytes=10, stalls=True)]
    first = asyncio.ensure_future(run(folder, server))
    await server.stalled.wait()

    with pytest.raises(FetchError, match="another `breedbot data fetch` is at work there"):
        await run(folder, server)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first


def test_the_official_archives_are_those_of_the_source() -> None:
    assert {archive.name: archive.size_bytes for archive in STANFORD_DOGS} == {
        "lists.tar": 481_280,
        "images.tar": 793_579_520,
    }
    assert all(len(archive.sha256) == 64 for archive in STANFORD_DOGS)
