"""Every job of one kind in the database, a page at a time: a long backlog never lies in memory as a whole."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from db.chat.chat_records import JobRecord
from db.database import Database
from db.unit import Unit

PAGE = 1000

Select = Callable[[Unit, int], Awaitable[Sequence[JobRecord]]]


async def jobs_of(database: Database, select: Select) -> AsyncIterator[JobRecord]:
    """Jobs in the order of their ids.

    Args:
        database: open.
        select: gets a unit and the last id seen; gives up to ``PAGE`` jobs after it.
    """
    last_id = 0
    while True:
        async with database.unit(read_only=True) as unit:
            page = await select(unit, last_id)
        for job in page:
            yield job
        if len(page) < PAGE:
            return
        last_id = page[-1].id
