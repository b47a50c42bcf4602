"""Whether erasing by age is plausible: a clock that is two years ahead at one start must not erase everything.

Whoever asks to be forgotten, and photos without consent, never wait for this.
"""

import json
import logging
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.atomic_file import write_whole
from core.clock import Clock, utc_now
from db.database import Database

FILE = "retention.json"
QUIET = timedelta(days=30)  # a clock that is further past the newest row is not believed
JUST_NOW = timedelta(minutes=10)  # rows so new may have been written with the very clock that is in question
SHARE = 0.1  # of all photos; more do not come of age within minutes
HANDFUL = 10  # photos that may always go at once
CONFIRM = "`breedbot retention confirm` allows it once"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetentionMemory:
    """What outlives the process.

    Attributes:
        days: the retention time that was applied last; None = never yet.
        held: why erasing by age is held back; None = it is not.
        held_at: our clock then, in seconds since 1970.
        confirmed: the host allows it, once.
    """

    days: int | None = None
    held: str | None = None
    held_at: float = 0.0
    confirmed: bool = False


class RetentionGuard:
    """Asked before each erasing by age. `file`: keeps what it remembers; None = it does not outlive the process."""

    def __init__(self, database: Database, days: int, file: Path | None = None, clock: Clock = utc_now) -> None:
        self._database = database
        self._days = days
        self._file = file
        self._clock = clock
        self._memory = RetentionMemory()
        self._begun = clock()
        self._seen: datetime | None = None  # the clock, when it was plausible last

    def begin(self) -> None:
        """We work from now on; others may have worked before."""
        self._begun, self._seen = self._clock(), None

    async def why_not(self) -> str | None:
        """Why nothing may be erased by age now; None: it may be. Raises: DatabaseError."""
        memory, now = self._noted(), self._clock()
        held = await self._implausible(memory, now) if self._days else None
        if held is None:
            self._seen = now
        if held is not None and held != memory.held:
            log.error("nothing is erased by age: %s; if that is right, %s", held, CONFIRM)
            self._note(RetentionMemory(memory.days, held, now.timestamp()))
        return held

    def applied(self) -> None:
        """What was due is gone."""
        if self._noted() != (now := RetentionMemory(self._days)):
            self._note(now)

    async def _implausible(self, memory: RetentionMemory, now: datetime) -> str | None:
        limit = now - timedelta(days=self._days)
        async with self._database.unit(read_only=True) as unit:
            rows = unit.retention
            if memory.confirmed or memory.days not in {None, self._days} or not await rows.any_before(limit):
                return None  # the host said so, or has just set another time, or nothing is due
            if memory.held is not None and now.timestamp() >= memory.held_at:
                return memory.held  # what has come in since may have the date of a wrong clock
            newest = self._seen or await rows.newest_before(self._begun - JUST_NOW)
            if newest is not None and now - newest > QUIET:
                count = await rows.count(limit)
                return f"the clock says {now:%Y-%m-%d}, the newest entry {newest:%Y-%m-%d}; {count} photos would go"
            # A time that is applied for the first time meets whatever there is.
            if memory.days is None or not await rows.any_before(limit, HANDFUL):
                return None
            total = await rows.count()
            if await rows.any_before(limit, max(HANDFUL, int(total * SHARE))):
                return f"{await rows.count(limit)} of {total} photos would go at once"
        return None

    def _noted(self) -> RetentionMemory:
        return self._memory if self._file is None else read_memory(self._file)

    def _note(self, memory: RetentionMemory) -> None:
        self._memory = memory
        if self._file is None:
            return
        try:
            write_memory(self._file, memory)
        except OSError as error:
            log.warning("%s: what was decided about erasing by age is not noted: %s", self._file, error.strerror)


def read_memory(file: Path) -> RetentionMemory:
    """What is noted there; a file that says nothing is as good as none."""
    try:
        return TypeAdapter(RetentionMemory).validate_json(file.read_bytes(), strict=True)
    except (OSError, ValidationError):
        return RetentionMemory()


def write_memory(file: Path, memory: RetentionMemory) -> None:
    """Note it. Raises: OSError."""
    write_whole(file, json.dumps(asdict(memory)).encode(), private=True)


def confirm(file: Path) -> str | None:
    """Allow once what is held back. Returns: why it was; None = nothing is. Raises: OSError."""
    memory = read_memory(file)
    if memory.held is not None:
        write_memory(file, replace(memory, confirmed=True))
    return memory.held
