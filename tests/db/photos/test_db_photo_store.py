"""The photo store gives back what it got, once, and nothing else."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.errors import PhotoMissing, PhotoStoreFull, PhotoStoreUnwritable
from db.photos.photo_store import TEMP_KEPT_S, PhotoFolder

SHARED_FOLDER = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)


@pytest.fixture
def store(tmp_path: Path) -> PhotoFolder:
    return PhotoFolder(tmp_path / "photos")


def files(store: PhotoFolder) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


@SHARED_FOLDER
@given(data=st.binary(max_size=2000))
def test_what_is_put_is_what_is_got(store: PhotoFolder, data: bytes) -> None:
    async def round_trip() -> tuple[str, str, bytes]:
        return await store.put(data), await store.put(data), await store.get(hashlib.sha256(data).hexdigest())

    first, second, got = asyncio.run(round_trip())

    assert first == second == hashlib.sha256(data).hexdigest()
    assert got == data
    assert store.path(first).read_bytes() == data


@SHARED_FOLDER
@given(
    name=st.text(max_size=80) | st.from_regex(r"(\.\./){1,5}etc/passwd") | st.text("abcdef0123456789/.", max_size=64)
)
def test_only_hashes_are_names(store: PhotoFolder, name: str) -> None:
    async def ask() -> None:
        for refused in (store.get(name), store.delete(name)):
            with pytest.raises(PhotoMissing):
                await refused

    if len(name) != 64 or set(name) - set("0123456789abcdef"):
        asyncio.run(ask())


async def test_the_same_photo_is_stored_once_in_two_levels_of_folders(store: PhotoFolder) -> None:
    sha256 = await store.put(b"photo")
    written = store.path(sha256).stat().st_mtime_ns
    await asyncio.gather(*(store.put(b"photo") for _ in range(20)))

    assert files(store) == [store.root / sha256[:2] / sha256[2:4] / sha256]
    assert store.path(sha256).stat().st_mtime_ns == written


async def test_many_at_once_leave_only_photos(store: PhotoFolder) -> None:
    photos = [bytes([number % 7]) * 1000 for number in range(50)]
    hashes = await asyncio.gather(*(store.put(photo) for photo in photos))

    assert {path.name for path in files(store)} == set(hashes)
    assert len(set(hashes)) == 7


async def test_a_deleted_photo_is_gone_with_its_empty_folders(store: PhotoFolder) -> None:
    sha256 = await store.put(b"photo")
    deleted = [await store.delete(sha256), await store.delete(sha256)]

    assert deleted == [True, False]
    assert list(store.root.iterdir()) == []
    with pytest.raises(PhotoMissing, match=sha256):
        await store.get(sha256)


async def test_putting_and_deleting_at_once_never_fails(store: PhotoFolder) -> None:
    sha256 = hashlib.sha256(b"photo").hexdigest()
    await asyncio.gather(*(store.put(b"photo") if n % 2 else store.delete(sha256) for n in range(100)))

    assert {path.name for path in files(store)} <= {sha256}


async def test_what_a_crash_left_is_cleaned_when_it_is_old(store: PhotoFolder) -> None:
    sha256 = await store.put(b"photo")
    old, young = (store.path(sha256).with_name(f".{age}") for age in ("old", "young"))
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    os.utime(old, (old.stat().st_atime, old.stat().st_mtime - TEMP_KEPT_S - 1))

    assert await store.clean() == 1
    assert {path.name for path in files(store)} == {sha256, young.name}


async def test_a_store_that_was_never_used_is_clean(store: PhotoFolder) -> None:
    assert await store.clean() == 0


async def test_a_store_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "photos").write_bytes(b"a file")

    with pytest.raises(PhotoStoreUnwritable, match=str(tmp_path / "photos")):
        await PhotoFolder(tmp_path / "photos").put(b"photo")


async def test_photos_leave_space_for_the_database(tmp_path: Path) -> None:
    store = PhotoFolder(tmp_path / "photos", reserve_bytes=2**60)

    with pytest.raises(PhotoStoreFull, match="stay so for the database"):
        await store.put(b"photo")

    assert files(store) == []


async def test_a_full_disk_leaves_no_partial_file(store: PhotoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("db.photos.photo_store.os.fsync", full)
    with pytest.raises(PhotoStoreFull, match=rf"{store.root}.*disk is full"):
        await store.put(b"photo")

    assert files(store) == []
