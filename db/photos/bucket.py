"""Photos in object storage, which several machines share."""

import hashlib
from contextlib import AbstractContextManager, suppress

from core.object_storage import explained, open_objects
from db.errors import PhotoMissing, PhotoStoreUnavailable, PhotoStoreUnwritable
from db.photos.photo_store import PhotoStore, key_of

REQUEST_S = 20


class PhotoBucket(PhotoStore):
    """A bucket, with the keys that a folder would have. An upload is there as a whole or not at all."""

    def __init__(self, url: str) -> None:
        """See `core.object_storage`; raises PhotoStoreUnavailable for what names no storage."""
        self._url = url.rstrip("/")
        with self._explained():
            self._objects = open_objects(url, REQUEST_S)

    async def put(self, data: bytes) -> str:
        """One request: what is there already is replaced by the same bytes."""
        sha256 = hashlib.sha256(data).hexdigest()
        with self._explained():
            # Parts of one that was cut off would stay for ever.
            await self._objects.put_async(key_of(sha256), data, use_multipart=False)
        return sha256

    async def get(self, sha256: str) -> bytes:
        """Raises PhotoMissing, also for what is damaged."""
        key = key_of(sha256)
        try:
            with self._explained():
                data = await (await self._objects.get_async(key)).bytes_async()
        except FileNotFoundError:
            raise self._missing(sha256) from None
        return self._checked(sha256, bytes(data))

    def read(self, sha256: str) -> bytes:
        """The same, blocking."""
        key = key_of(sha256)
        try:
            with self._explained():
                data = self._objects.get(key).bytes()
        except FileNotFoundError:
            raise self._missing(sha256) from None
        return self._checked(sha256, bytes(data))

    async def has(self, sha256: str) -> bool:
        """Whether it is there."""
        key = key_of(sha256)
        with suppress(FileNotFoundError), self._explained():
            await self._objects.head_async(key)
            return True
        return False

    async def delete(self, sha256: str) -> bool:
        """Delete; whether it was there."""
        was_there = await self.has(sha256)
        with suppress(FileNotFoundError), self._explained():
            await self._objects.delete_async(key_of(sha256))
        return was_there

    async def clean(self) -> int:
        """Nothing to do: what is cut off was never there."""
        return 0

    def place(self, sha256: str) -> str:
        """Its URL."""
        return f"{self._url}/{key_of(sha256)}"

    def _explained(self) -> AbstractContextManager[None]:
        return explained(f"photo store {self._url}", PhotoStoreUnavailable, PhotoStoreUnwritable)

    def _missing(self, sha256: str) -> PhotoMissing:
        return PhotoMissing(f"photo {sha256} is not in {self._url}")

    def _checked(self, sha256: str, data: bytes) -> bytes:
        if hashlib.sha256(data).hexdigest() != sha256:
            raise PhotoMissing(f"photo {sha256} is damaged in {self._url}: its bytes have another SHA-256")
        return data
