"""Deleting all that is stored of a person: rows, features and photos; models made from now on go without them."""

from db.chat.chat_records import Holdings
from db.database import Database
from db.photos.photo_store import PhotoStore


async def forget_person(database: Database, photo_store: PhotoStore, user_id: int) -> Holdings | None:
    """Delete all of it, and say how much that was; None for somebody unknown.

    A photo that somebody else sent, too, is counted, and stays for them. Files go before the commit: if that fails, or
    the process dies, the person is still known and can be forgotten again; nobody would find a file without a row.
    """
    async with database.unit() as unit:
        held = await unit.users.holdings(user_id)
        # Of somebody unknown there may still be an update that waits, or decisions of a moderator.
        for sha256 in await unit.users.forget(user_id):
            await photo_store.delete(sha256)
    return held
