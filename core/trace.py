"""Which photo the work at hand is about: one word, on every log line from its arrival to its answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_trace: ContextVar[str] = ContextVar("trace", default="")
current_trace = _trace.get
"""The word of the photo in hand; empty = no particular one."""


def trace_of(update_id: int | None, job_id: int | None = None) -> str:
    """The word of what an update brought; further frames of a film have only their job. It says nothing of anybody.

    It can be told from the database, so it outlives a restart.
    """
    return f"u{update_id}" if update_id is not None else f"j{job_id}"


@contextmanager
def traced(trace: str) -> Iterator[None]:
    """What the block does, and the tasks and threads that it starts, is about this photo."""
    before = _trace.set(trace)
    try:
        yield
    finally:
        _trace.reset(before)
