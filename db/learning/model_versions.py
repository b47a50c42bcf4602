"""The registry of heads: which there were, when each was the champion, and what it was made of."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from db.chat.chat_records import ModelVersionRecord
from db.errors import RowMissing
from db.repository import Repository, insert
from db.tables import CHAMPION, model_versions


class ModelVersions(Repository):
    """Heads by model id."""

    async def add(
        self, model_id: str, *, backbone_id: str, manifest: Mapping[str, Any], note: str | None = None
    ) -> ModelVersionRecord:
        """Register a head; one that is known already stays as it is."""
        values = {"model_id": model_id, "backbone_id": backbone_id, "manifest": dict(manifest), "note": note}
        fresh = insert(model_versions).values(**values, created_at=self._now())
        await self._run(fresh.on_conflict_do_nothing())
        this = select(model_versions).where(model_versions.c.model_id == model_id)
        [version] = await self._all(ModelVersionRecord, this)
        return version

    async def get(self, model_id: str) -> ModelVersionRecord | None:
        """One head, or None."""
        return await self._first(
            ModelVersionRecord, select(model_versions).where(model_versions.c.model_id == model_id)
        )

    async def champion(self) -> ModelVersionRecord | None:
        """The head that was promoted last and is not retired, or None."""
        newest = select(model_versions).where(CHAMPION).order_by(model_versions.c.promoted_at.desc())
        return await self._first(ModelVersionRecord, newest.limit(1))

    async def promote(self, model_id: str) -> None:
        """Make this head the champion and retire the one before. Raises RowMissing for an unknown one."""
        now = self._now()
        this = model_versions.c.model_id == model_id
        await self._run(update(model_versions).where(CHAMPION, ~this).values(retired_at=now))
        if not await self._run(update(model_versions).where(this).values(promoted_at=now, retired_at=None)):
            raise RowMissing(f"model {model_id} is not in the database; register it first")

    # Last in the class, because inside it the name hides the built-in one.
    async def list(self, limit: int = 100) -> list[ModelVersionRecord]:
        """Heads, newest first."""
        newest = select(model_versions).order_by(model_versions.c.created_at.desc(), model_versions.c.model_id)
        return await self._all(ModelVersionRecord, newest.limit(limit))
