"""Copies the database elsewhere for an operator, while no bot writes to it."""

from collections.abc import Callable
from contextlib import ExitStack

from breedbot.ops.settings import Configuration
from breedbot.serve.data_lock import data_lock
from db import migrate
from db.admin.copy import Copied, copy_database, rows_in
from db.database import Database
from db.url import database_url, is_sqlite


async def copied_to(settings: Configuration, target: str, step: Callable[[float], None]) -> Copied:
    """Make the tables there, and copy all rows. Nothing is changed here.

    Args:
        settings: of the source.
        target: the URL of a database without rows.
        step: hears how far it is, from 0 to 1.

    Raises: DatabaseError, BadDatabaseUrl, DataFolderInUse - nothing was copied.
    """
    database_url(target)
    with ExitStack() as stack:
        if is_sqlite(database_url(settings.database_url)):
            stack.enter_context(data_lock(settings.data_dir))
        await migrate.upgrade(settings.database_url)
        source = await Database.open(settings.database_url)
        try:
            await migrate.upgrade(target)
            there = await Database.open(target)
            try:
                steps = max(1, 2 * await rows_in(source))
                return await copy_database(source, there, lambda rows: step(rows / steps))
            finally:
                await there.close()
        finally:
            await source.close()
