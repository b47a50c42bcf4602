"""Photos in object storage behave as those in a folder: on a real S3 server."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from s3_server import S3Server

from core.object_storage import open_objects
from db.errors import PhotoMissing, PhotoStoreError, PhotoStoreUnavailable, PhotoStoreUnwritable
from db.photos.photo_store import PhotoFolder, PhotoStore, open_photo_store


@pytest.fixture
def url(s3: S3Server) -> str:
    return f"{s3.new_place('photos')}/some/where"


@pytest.fixture
def store(url: str) -> PhotoStore:
    return open_photo_store(url)


async def test_what_is_put_is_what_is_got_until_it_is_deleted(store: PhotoStore) -> None:
    sha256 = await store.put(b"photo")
    again = await store.put(b"photo")

    assert again == sha256 == hashlib.sha256(b"photo").hexdigest()
    assert await store.get(sha256) == b"photo"
    assert await asyncio.to_thread(store.read, sha256) == b"photo"
    assert await store.has(sha256)
    assert [await store.delete(sha256), await store.delete(sha256)] == [True, False]
    assert not await store.has(sha256)
    assert await store.clean() == 0
    with pytest.raises(PhotoMissing, match=sha256):
        await store.get(sha256)
    with pytest.raises(PhotoMissing, match=sha256):
        store.read(sha256)


async def test_a_bucket_holds_the_keys_that_a_folder_would(store: PhotoStore, url: str, tmp_path: Path) -> None:
    sha256 = await store.put(b"photo")
    await PhotoFolder(tmp_path).put(b"photo")

    found = [meta["path"] for page in open_objects(url, 20).list() for meta in page]

    assert [str(tmp_path / key) for key in found] == [PhotoFolder(tmp_path).place(sha256)]
    assert store.place(sha256) == f"{url}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


async def test_many_at_once_and_large_ones(store: PhotoStore) -> None:
    photos = [bytes([number]) * 1000 for number in range(30)] + [b"x" * 12_000_000, b""]
    hashes = await asyncio.gather(*(store.put(photo) for photo in photos))

    assert await asyncio.gather(*(store.get(sha256) for sha256 in hashes)) == photos


async def test_two_stores_see_the_same_photos(store: PhotoStore, url: str) -> None:
    assert await open_photo_store(url).get(await store.put(b"photo")) == b"photo"


async def test_a_damaged_photo_is_missing_until_it_is_put_again(store: PhotoStore, url: str) -> None:
    sha256 = await store.put(b"photo")
    open_objects(url, 20).put(f"{sha256[:2]}/{sha256[2:4]}/{sha256}", b"phot0")

    with pytest.raises(PhotoMissing, match="damaged"):
        await store.get(sha256)
    await store.put(b"photo")
    assert await store.get(sha256) == b"photo"


async def test_only_hashes_are_names(store: PhotoStore) -> None:
    for name in ("", "../x", "A" * 64, "a" * 63):
        with pytest.raises(PhotoMissing):
            await store.get(name)


async def test_photos_in_a_bucket_are_no_files(store: PhotoStore, url: str) -> None:
    with pytest.raises(PhotoStoreError, match=url):
        store.path("a" * 64)


async def test_a_bucket_that_is_not_there_is_no_missing_photo(s3: S3Server) -> None:
    with pytest.raises(PhotoStoreUnwritable, match=r"s3://nowhere-at-all.*create it"):
        await open_photo_store("s3://nowhere-at-all").get("a" * 64)


async def test_wrong_keys_are_named_without_the_secret(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    with pytest.raises(PhotoStoreUnwritable, match="refuses our keys") as refused:
        await open_photo_store(s3.new_place()).put(b"photo")

    assert "hunter2" not in str(refused.value)


@pytest.mark.slow
async def test_a_server_that_is_away_is_waited_for_a_while_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setattr("core.object_storage.RETRY_S", 0.5)

    with pytest.raises(PhotoStoreUnavailable, match=r"s3://bucket cannot be used.*127\.0\.0\.1:1"):
        await open_photo_store("s3://bucket").put(b"photo")
