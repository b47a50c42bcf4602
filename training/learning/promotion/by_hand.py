"""`breedbot models promote` and `rollback`: the pointer, and the registry where there is one."""

from contextlib import suppress

from db.database import Database
from db.errors import DatabaseError
from inference.store.folder_store import ModelStore
from training.learning.promotion.registry import Registry


async def promote_by_hand(database_url: str, store: ModelStore, model: str) -> str:
    """Let a model answer, whatever is known of it. Returns: its id. Raises ArtefactError if it is refused."""
    promoted = store.promote(model).model
    await _note(database_url, store, promoted, "promoted by hand")
    return promoted


async def roll_back_by_hand(database_url: str, store: ModelStore) -> str:
    """Let the model before answer again. Returns: which. Raises ArtefactError where there is none."""
    bad, back = store.pointer().model, store.rollback().model
    await _note(database_url, store, back, f"{bad} was rolled back by hand")
    return back


async def _note(database_url: str, store: ModelStore, model: str, why: str) -> None:
    """Bring the registry up to date. Where there is no database yet, the bot does it at its first start."""
    with suppress(DatabaseError):
        database = await Database.open(database_url)
        try:
            await Registry(database, store).note(model, why)
        finally:
            await database.close()
