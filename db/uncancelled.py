"""Cancellation at the right moment only.

A driver call that is cut off leaves a statement that its thread still runs, on a connection that nobody holds any more;
on SQLite it may take the write lock along. So single calls, short and bounded, are finished before they are cancelled.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from db.errors import DatabaseUnavailable

T = TypeVar("T")


async def in_time(work: Coroutine[Any, Any, T]) -> T:
    """`finish` a call to the database. Raises DatabaseUnavailable where the driver gave it up."""
    try:
        return await finish(work)
    except TimeoutError as error:
        raise DatabaseUnavailable("the database did not answer in time; is it overloaded, or gone?") from error


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end even if the caller is cancelled meanwhile; the cancellation is raised then."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # seen: the caller is told of the cancellation instead
    raise cancelled
