"""What is known of the photos whose bytes are in the photo store."""

from sqlalchemy import func, select

from db.records import PhotoRecord
from db.repository import Repository
from db.tables import photos


class Photos(Repository):
    """Photos by the SHA-256 of their bytes."""

    async def add(self, sha256: str, *, size_bytes: int, mime: str, width: int, height: int) -> None:
        """Store; a photo that is there already stays as it is. `width`, `height`: pixels, upright."""
        values = {"sha256": sha256, "size_bytes": size_bytes, "mime": mime, "width": width, "height": height}
        await self._run(self._insert(photos).values(**values, created_at=self._now()).on_conflict_do_nothing())

    async def get(self, sha256: str) -> PhotoRecord | None:
        """One photo, or None."""
        return await self._first(PhotoRecord, select(photos).where(photos.c.sha256 == sha256))

    async def count(self) -> int:
        """How many photos there are."""
        return int(await self._value(select(func.count()).select_from(photos)))
