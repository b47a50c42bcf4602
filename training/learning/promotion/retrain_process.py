"""`breedbot retrain` in a process of its own: bounded in time, out of the bot's way, and gone when the bot stops."""

import asyncio
import logging
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

NICENESS = 15  # `breedbot retrain` takes it by itself, however it was started
LINE_BYTES = 2**16
LINES_KEPT = 5
LINES_LOGGED = 500


@dataclass(frozen=True, slots=True)
class ProcessBounds:
    """How long a retrain may take, and how long it may take to stop, in seconds.

    A retrain takes seconds; when the backbone has changed, the photos are looked at once more, which takes minutes.
    """

    limit_s: float = 1800.0
    grace_s: float = 5.0


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """How a process ended: its id, its exit code (negative: the signal that ended it), and what went wrong, if so."""

    pid: int
    code: int
    trouble: str | None


class RetrainProcess:
    """Runs one at a time; cancelling `run` ends the process, too."""

    def __init__(self, command: Sequence[str], bounds: ProcessBounds | None = None) -> None:
        """`command`: what starts `breedbot retrain`, without options."""
        self._command = tuple(command)
        self._bounds = bounds or ProcessBounds()

    async def run(self, *options: str) -> ProcessEnd:
        """Wait until it is through, however it ends. What it says is logged.

        Raises:
            OSError: it cannot be started.
        """
        # A session of its own: Ctrl-C in a terminal is for the bot, which stops things in its own order.
        process = await asyncio.create_subprocess_exec(
            *self._command, *options, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, limit=LINE_BYTES,
            start_new_session=True,
        )  # fmt: skip
        said: deque[str] = deque(maxlen=LINES_KEPT)
        late = False
        try:
            _be_nice(process.pid)
            async with asyncio.timeout(self._bounds.limit_s):
                await _listen(process, said)
                await process.wait()
        except TimeoutError:
            late = True
        finally:
            await self._end(process)
        return ProcessEnd(process.pid, _code(process), self._trouble(process, late=late, said=said))

    async def _end(self, process: Process) -> None:
        """Ask it to stop, and end it if it does not; nothing of its work is lost that was not lost anyway."""
        if process.returncode is not None:
            return
        _signal(process, signal.SIGTERM)
        try:
            async with asyncio.timeout(self._bounds.grace_s):
                await process.wait()
        except TimeoutError:
            pass
        finally:
            if process.returncode is None:
                _signal(process, signal.SIGKILL)
                await process.wait()

    def _trouble(self, process: Process, *, late: bool, said: Sequence[str]) -> str | None:
        code = _code(process)
        if late:
            return f"it was not through after {self._bounds.limit_s:g} s and was ended"
        if code < 0:
            return f"it was ended by signal {-code}"
        if code > 0:
            return said[-1] if said else f"it ended with code {code} and said nothing"
        return None


async def _listen(process: Process, said: deque[str]) -> None:
    """Log what it says until it falls silent; a flood of words is cut off, and read on so that nothing blocks."""
    if process.stdout is None:
        return
    logged = 0
    while line := await _line(process.stdout):
        text = line.decode(errors="replace").strip()
        if text:
            said.append(text[:1000].removeprefix("breedbot: "))
            if (logged := logged + 1) <= LINES_LOGGED:
                log.info("retrain: %s", said[-1])


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # longer than any line of ours; the reader has thrown it away
        return b"(a line too long to show)\n"


def _be_nice(pid: int) -> None:
    with suppress(OSError):  # gone already
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
        # Linux deals processor time between sessions first, and niceness counts within one: sched(7).
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS))


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _code(process: Process) -> int:
    return process.returncode if process.returncode is not None else -signal.SIGKILL
