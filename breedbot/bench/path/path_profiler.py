"""Runs a program under a profiler: `python -m breedbot.bench.path.path_profiler FILE MODULE [ARGUMENT…]`.

SIGUSR1 ends a window and begins the next one: what was called and written in it becomes a line of JSON in FILE; before
the first signal nothing is noted. The profile functions of `sys` and `threading` see each call in each thread that
Python starts, so those of tasks and executors, too.
"""

import asyncio
import json
import os
import re
import runpy
import signal
import sys
import threading
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Connection, Engine, event

ROOMS = frozenset({"bot", "breedbot", "core", "db", "inference", "training"})  # the sandbox is Telegram's side
CALLS = ";"  # between the functions of a stack
BY_IDS = " (by ids)"  # after an UPDATE that names its rows by a list: as many as there are
_STEP = asyncio.Handle._run.__code__  # noqa: SLF001 - below it nothing is entered anew
_ROOT = f"{Path(__file__).parents[3]}{os.sep}"
_SYNCS = (os.fsync, getattr(os, "fdatasync", os.fsync))
_WRITE = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
_LISTED = re.compile(r"UPDATE .*\bid IN \((?!SELECT)", re.DOTALL)
_WRITTEN = "path_profiler"  # in a connection's `info`: the statements of its transaction
_FULL = 2  # https://sqlite.org/pragma.html#pragma_synchronous: from here on SQLite forces each commit itself


@dataclass(slots=True)
class Window:
    """What happened in a while.

    Attributes:
        stacks: of calls of functions of ours, and how often each was called or resumed so: "file:line name;file:line
            name", the outermost first, and without those of others. In the order of the first call.
        transactions: those that changed rows, each by its statements: "UPDATE inbox + INSERT INTO users".
        syncs: how often something was forced to the disk: by `os`, or by SQLite where it does so at each commit.
    """

    stacks: dict[str, int] = field(default_factory=dict)
    transactions: list[str] = field(default_factory=list)
    syncs: int = 0


class Profiler:
    """Writes windows into a file. One a process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._window: Window | None = None

    def start(self) -> None:
        """In this thread and those that are started from now on."""
        event.listen(Engine, "after_cursor_execute", self._executed)
        event.listen(Engine, "commit", self._committed)
        event.listen(Engine, "rollback", self._rolled_back)
        signal.signal(signal.SIGUSR1, self._signalled)
        threading.setprofile(self._called)
        sys.setprofile(self._called)

    def _called(self, frame: FrameType, what: str, function: Any) -> None:
        window = self._window
        if window is None:
            return
        if what == "call" and _name_of(frame) is not None:
            stack = _stack(frame)
            window.stacks[stack] = window.stacks.get(stack, 0) + 1
        elif what == "c_call" and function in _SYNCS:
            window.syncs += 1

    def _executed(self, connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        write = _WRITE.match(statement)
        if write is not None and cursor.rowcount != 0:
            by_ids = BY_IDS if _LISTED.match(statement) else ""
            connection.info.setdefault(_WRITTEN, []).append(f"{write[0]}{by_ids}")

    def _committed(self, connection: Connection) -> None:
        written = connection.info.pop(_WRITTEN, None)
        if written is None or self._window is None:
            return
        self._window.transactions.append(" + ".join(written))
        if connection.dialect.name == "sqlite":
            self._window.syncs += connection.exec_driver_sql("PRAGMA synchronous").scalar_one() >= _FULL

    def _rolled_back(self, connection: Connection) -> None:
        connection.info.pop(_WRITTEN, None)

    def _signalled(self, *_: object) -> None:
        window, self._window = self._window or Window(), None  # nor is this noted
        with self._file.open("a") as file:
            file.write(f"{json.dumps(asdict(window))}\n")
        self._window = Window()


def _stack(frame: FrameType) -> str:
    """Down to the step of the event loop, or the beginning of the thread."""
    names: list[str | None] = []
    at: FrameType | None = frame
    while at is not None and at.f_code is not _STEP:
        names.append(_name_of(at))
        at = at.f_back
    return CALLS.join(name for name in reversed(names) if name is not None)


def _name_of(frame: FrameType) -> str | None:
    code = frame.f_code
    return _name(code.co_filename, code.co_firstlineno, code.co_qualname)


@cache
def _name(path: str, line: int, function: str) -> str | None:
    """None for what is not ours, and for what is a part of a function: a comprehension, the body of a module."""
    file = path.removeprefix(_ROOT)
    room = file.partition(os.sep)[0]
    is_part = function.endswith(">") and not function.endswith("<lambda>")
    if file == path or room not in ROOMS or f"{os.sep}bench{os.sep}" in file or is_part:
        return None
    return f"{file}:{line} {function}"


if __name__ == "__main__":
    place, module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    Profiler(Path(place)).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
