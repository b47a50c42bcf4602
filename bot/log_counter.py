"""Counts warnings and errors, for the metrics."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CountedLines(logging.Handler):
    """Shows nothing; tells `count` the level of each warning and error."""

    def __init__(self, count: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._count = count

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self._count(record.levelname.lower())

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Within the block."""
        logging.getLogger().addHandler(self)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(self)
