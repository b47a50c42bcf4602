"""Now, in UTC, from a clock that tests can replace."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

Clock = Callable[[], datetime]
utc_now = partial(datetime.now, UTC)
"""The current time, aware, in UTC."""
