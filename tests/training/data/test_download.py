"""A download ends with the very bytes that were promised, or says why not and keeps what it has."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from file_server import Fault, FileServer, serving
from tenacity import wait_none

from training.data.fetch.download import DownloadCorrupt, RemoteFile, SourceRefused, SourceUnreachable, download

CONTENT = bytes(range(256)) * 40_000  # ten chunks
HALF = len(CONTENT) // 2


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    async with serving({"images.tar": CONTENT}) as server:
        yield server


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "images.tar"


def promised(server: FileServer, content: bytes = CONTENT) -> RemoteFile:
    return RemoteFile(f"{server.url}/images.tar", len(content), hashlib.sha256(content).hexdigest())


def there(target: Path) -> bytes | None:
    return target.read_bytes() if target.exists() else None


def put(target: Path, content: bytes) -> None:
    target.write_bytes(content)


async def fetch(file: RemoteFile, target: Path) -> list[int]:
    told: list[int] = []
    await download(file, target, told.append, wait=wait_none(), tries=3)
    return told


async def test_a_file_comes_whole_and_is_not_asked_for_twice(server: FileServer, target: Path) -> None:
    told = await fetch(promised(server), target)
    told_again = await fetch(promised(server), target)

    assert there(target) == CONTENT
    assert told == sorted(told)
    assert told[-1] == told_again[-1] == len(CONTENT)
    assert server.asked == ["images.tar"]
    assert [path.name for path in target.parent.iterdir()] == ["images.tar"]


@pytest.mark.parametrize("declares_length", [True, False])
async def test_a_connection_that_is_cut_goes_on_where_it_was(
    server: FileServer, target: Path, declares_length: bool
) -> None:
    server.faults = [Fault(cut_after_bytes=HALF, declares_length=declares_length), Fault(status=503), Fault(status=429)]

    await fetch(promised(server), target)

    assert there(target) == CONTENT
    assert server.asked[0] == "images.tar"
    assert set(server.asked[1:]) == {f"images.tar bytes={HALF}-"}


async def test_a_run_that_gave_up_is_gone_on_with_by_the_next(server: FileServer, target: Path) -> None:
    server.faults = [Fault(cut_after_bytes=HALF), *[Fault(cut_after_bytes=0)] * 3]

    with pytest.raises(SourceUnreachable, match=f"{HALF:,} of {len(CONTENT):,} bytes came; run the command again"):
        await fetch(promised(server), target)
    assert there(target) is None

    await fetch(promised(server), target)
    assert there(target) == CONTENT
    assert server.asked[-1] == f"images.tar bytes={HALF}-"


async def test_a_server_without_ranges_begins_again(server: FileServer, target: Path) -> None:
    server.ranges = False
    server.faults = [Fault(cut_after_bytes=HALF)]

    await fetch(promised(server), target)

    assert there(target) == CONTENT


async def test_a_server_without_ranges_that_never_gets_further_is_given_up(server: FileServer, target: Path) -> None:
    server.ranges = False
    server.faults = [Fault(cut_after_bytes=HALF)] * 99

    with pytest.raises(SourceUnreachable):
        await fetch(promised(server), target)

    assert len(server.asked) == 1 + 3


async def test_wrong_bytes_are_deleted_and_named(server: FileServer, target: Path) -> None:
    server.files["images.tar"] = bytes(len(CONTENT))

    with pytest.raises(DownloadCorrupt, match=r"images\.tar: what came has the SHA-256 .* name a mirror with --url"):
        await fetch(promised(server), target)

    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("size", [0, 10, len(CONTENT) + 1])
async def test_a_file_of_another_size_is_refused_before_it_comes(server: FileServer, target: Path, size: int) -> None:
    server.files["images.tar"] = bytes(size)

    with pytest.raises(SourceRefused, match=f"has {size} bytes from 0, expected {len(CONTENT)}"):
        await fetch(promised(server), target)


async def test_more_bytes_than_promised_are_refused(server: FileServer, target: Path) -> None:
    server.files["images.tar"] = CONTENT + b"x"
    server.faults = [Fault(declares_length=False)]

    with pytest.raises(SourceRefused, match="sends more than"):
        await fetch(promised(server), target)


@pytest.mark.parametrize("status", [403, 404, 416])
async def test_a_refusal_is_said_at_once(server: FileServer, target: Path, status: int) -> None:
    server.faults = [Fault(status=status)]

    with pytest.raises(SourceRefused, match=rf"{server.url}/images\.tar: {status} .*; --url names a mirror"):
        await fetch(promised(server), target)
    assert len(server.asked) == 1


@pytest.mark.parametrize("url", ["ftp://localhost/images.tar", "nonsense", "file:///images.tar"])
async def test_an_address_that_is_none_is_said(target: Path, url: str) -> None:
    with pytest.raises(SourceRefused, match=f"{url}: not an address of the web"):
        await fetch(RemoteFile(url, 1, "0" * 64), target)


async def test_a_server_that_is_not_there_is_named(target: Path) -> None:
    with pytest.raises(SourceUnreachable, match="http://127.0.0.1:1/x: "):
        await fetch(RemoteFile("http://127.0.0.1:1/x", 1, "0" * 64), target)


async def test_a_file_that_somebody_put_there_is_verified(server: FileServer, target: Path) -> None:
    put(target, b"half of it")

    with pytest.raises(DownloadCorrupt, match=r"images\.tar: has the SHA-256 .*; remove it"):
        await fetch(promised(server), target)
    assert there(target) == b"half of it"
