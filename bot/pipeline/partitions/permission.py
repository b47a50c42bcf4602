"""Whether what is being done now may still speak to Telegram: its chat, or its duty, may have gone to another bot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bot.pipeline.keyed_queue import Later

ASK_AGAIN_S = 0.25

May = Callable[[], bool]


def always() -> bool:
    """Of what is bound to no lease."""
    return True


_may: ContextVar[May] = ContextVar("may", default=always)


class LeaseRanOut(Later):
    """Nothing is said until the lease is renewed. If another bot has it by then, that one says it."""

    def __init__(self) -> None:
        super().__init__("the lease has run out", ASK_AGAIN_S)


@contextmanager
def under(may: May) -> Iterator[None]:
    """What is done inside speaks only while `may()`; so does what is started inside."""
    token = _may.set(may)
    try:
        yield
    finally:
        _may.reset(token)


def check_permission() -> None:
    """Raises LeaseRanOut unless one may speak now."""
    if not _may.get()():
        raise LeaseRanOut
