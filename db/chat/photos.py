"""What is known of the photos whose bytes are in the photo store."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, delete, func, select

from db.chat.chat_records import ERASED, PhotoRecord
from db.repository import Repository, Values, chunks, insert
from db.tables import jobs, photo_sketches, photos, predictions

_ADD = insert(photos).on_conflict_do_nothing().returning(photos.c.sha256)
_HOLD = select(photos.c.sha256).where(photos.c.sha256 == bindparam("this")).with_for_update(read=True)


class Photos(Repository):
    """Photos by the SHA-256 of their bytes."""

    async def add(self, sha256: str, *, size_bytes: int, mime: str, width: int, height: int) -> None:
        """Store; a photo that is there already stays as it is. `width`, `height`: pixels, upright.

        From here to the end of the unit nothing takes the photo away: look now whether its bytes are in the store.
        """
        this: Values = {"sha256": sha256, "size_bytes": size_bytes, "mime": mime, "width": width, "height": height}
        this["created_at"] = self._now()
        held = None
        while held is None:  # again if it was being deleted just then
            held = await self._value(_ADD, this) or await self._value(_HOLD, {"this": sha256})

    async def get(self, sha256: str) -> PhotoRecord | None:
        """One photo, or None."""
        return await self._first(PhotoRecord, select(photos).where(photos.c.sha256 == sha256))

    async def sketches(self, sha256: Iterable[str]) -> dict[str, bytes]:
        """Fingerprints by photo, of those of these that have one."""
        found: dict[str, bytes] = {}
        for some in chunks(sha256):
            rows = await self._execute(select(photo_sketches).where(photo_sketches.c.sha256.in_(some)))
            found |= {row.sha256: row.sketch for row in rows}
        return found

    async def add_sketches(self, made: Mapping[str, bytes]) -> None:
        """Keep fingerprints for as long as their photos; photos that are gone by now have none."""
        for some in chunks(made):
            there = select(photos.c.sha256).where(photos.c.sha256.in_(some)).with_for_update(read=True)
            for name in (await self._execute(there)).scalars().all():
                fresh = insert(photo_sketches).values(sha256=name, sketch=made[name])
                await self._execute(fresh.on_conflict_do_nothing())

    async def names(self, after: str, limit: int) -> list[str]:
        """SHA-256 of photos whose bytes may be in the store, ascending from the first beyond `after`."""
        named = select(photos.c.sha256).where(photos.c.sha256 > after, photos.c.sha256 != ERASED)
        rows = await self._execute(named.order_by(photos.c.sha256).limit(limit))
        return list(rows.scalars())

    async def count(self) -> int:
        """How many photos there are."""
        return int(await self._value(select(func.count()).select_from(photos).where(photos.c.sha256 != ERASED)))

    async def drop_unused(self, sha256: str) -> bool:
        """Delete the row if no photo that was sent is this one any more; whether it was deleted."""
        # Somebody who sends it right now is waited for, and seen then.
        await self._execute(select(photos.c.sha256).where(photos.c.sha256 == sha256).with_for_update())
        used = select(jobs.c.id).where(jobs.c.photo_sha256 == sha256).exists()
        answered = select(predictions.c.id).where(predictions.c.photo_sha256 == sha256).exists()
        return await self._run(delete(photos).where(photos.c.sha256 == sha256, ~used, ~answered)) > 0
