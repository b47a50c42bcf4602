"""A bucket of photos, with the keys that a folder would have: what copies folders to buckets moves a store."""

import hashlib
from contextlib import AbstractContextManager, suppress

from core.object_storage import explained, open_objects
from db.errors import PhotoMissing, PhotoStoreUnavailable, PhotoStoreUnwritable

REQUEST_S = 20


class PhotoObjects:
    """The shelf of a store that several machines share. An upload is there as a whole or not at all."""

    def __init__(self, url: str) -> None:
        """See `core.object_storage`; raises PhotoStoreUnavailable for what names no storage."""
        self._url = url.rstrip("/")
        with self._explained():
            self._objects = open_objects(url, REQUEST_S)

    async def write(self, key: str, data: bytes) -> None:
        """One request: what is there already is replaced by the same bytes."""
        with self._explained():
            await self._objects.put_async(key, data, use_multipart=False)  # parts of one cut off would stay for ever

    async def get(self, key: str) -> bytes:
        """Raises PhotoMissing, also for what is damaged."""
        try:
            with self._explained():
                data = await (await self._objects.get_async(key)).bytes_async()
        except FileNotFoundError:
            raise self._missing(key) from None
        return self._checked(key, bytes(data))

    def read(self, key: str) -> bytes:
        """The same, blocking."""
        try:
            with self._explained():
                data = self._objects.get(key).bytes()
        except FileNotFoundError:
            raise self._missing(key) from None
        return self._checked(key, bytes(data))

    async def has(self, key: str) -> bool:
        """Whether it is there."""
        with suppress(FileNotFoundError), self._explained():
            await self._objects.head_async(key)
            return True
        return False

    async def delete(self, key: str) -> bool:
        """Delete; whether it was there."""
        was_there = await self.has(key)
        with suppress(FileNotFoundError), self._explained():
            await self._objects.delete_async(key)
        return was_there

    async def clean(self) -> int:
        """Nothing to do: what is cut off was never there."""
        return 0

    def place(self, key: str) -> str:
        """Its URL."""
        return f"{self._url}/{key}"

    def _explained(self) -> AbstractContextManager[None]:
        return explained(f"photo store {self._url}", PhotoStoreUnavailable, PhotoStoreUnwritable)

    def _missing(self, key: str) -> PhotoMissing:
        return PhotoMissing(f"photo {key.rpartition('/')[2]} is not in {self._url}")

    def _checked(self, key: str, data: bytes) -> bytes:
        sha256 = key.rpartition("/")[2]
        if hashlib.sha256(data).hexdigest() != sha256:
            raise PhotoMissing(f"photo {sha256} is damaged in {self._url}: its bytes have another SHA-256")
        return data
