"""A program in a process of its own, which can be killed at any moment and started again."""

import asyncio
import ctypes
import os
import resource
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.errors import BotError
from bot.settings import PREFIX

STOP_S = 30.0
_TAIL_BYTES = 2000
_PDEATHSIG = 1  # of prctl(2)
_KERNEL = ctypes.CDLL(None)
_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class LifeEnded(BotError):
    """The process ended though nobody had asked it to."""


class Life:
    """One program and its settings; one process of it at a time.

    Args:
        command: the program with its arguments.
        settings: `BREEDBOT_…` without the prefix; no other such settings reach the program.
        folder: it works there, so no `.env` is read, and logs into `name`.log.
        user: the system's number of who runs it; None = who runs us.
    """

    def __init__(
        self,
        command: Sequence[str],
        settings: Mapping[str, str],
        folder: Path,
        name: str = "bot",
        user: int | None = None,
    ) -> None:
        self.name = name
        self._user = user
        self._command = tuple(command)
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        self._environment |= {f"{PREFIX}{key}": value for key, value in settings.items()}
        self._folder = folder
        self._log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process; it needs a moment until it works. It dies with the thread that calls this."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
                user=self._user,
                group=self._user,
                preexec_fn=_die_with_parent,
            )

    async def kill(self) -> None:
        """SIGKILL: at once, in the middle of whatever it does. Raises: LifeEnded."""
        process = self._alive()
        process.kill()
        await process.wait()
        self._process = None

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and SIGKILL if that does not help in `STOP_S`; nothing if it does not run."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(how)
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def ended(self, timeout_s: float) -> None:
        """Wait until it ends by itself. Raises: TimeoutError."""
        if self._process is not None:
            async with asyncio.timeout(timeout_s):
                await self._process.wait()

    def check(self) -> None:
        """Raises: LifeEnded."""
        self._alive()

    def signal(self, number: signal.Signals) -> None:
        """Send it. Raises: LifeEnded."""
        self._alive().send_signal(number)

    @contextmanager
    def limited(self, what: int, most: int) -> Iterator[None]:
        """While the block runs, it gets no more of this, a `resource.RLIMIT_…`. Raises: LifeEnded."""
        pid = self._alive().pid
        before = resource.prlimit(pid, what)
        resource.prlimit(pid, what, (most, before[1]))
        try:
            yield
        finally:
            resource.prlimit(pid, what, before)

    def cpu_s(self) -> float:
        """Processor time since its start, user and system; 0 where there is no /proc. Raises: LifeEnded."""
        try:
            stat = Path(f"/proc/{self._alive().pid}/stat").read_text()
        except OSError:
            return 0.0
        user, system = stat.rpartition(")")[2].split()[11:13]  # proc_pid_stat(5): utime, stime
        return (int(user) + int(system)) / _TICKS_PER_S

    def memory_bytes(self) -> int:
        """Resident; 0 where there is no /proc to look it up."""
        try:
            return int(Path(f"/proc/{self._alive().pid}/statm").read_text().split()[1]) * _PAGE_BYTES
        except OSError:
            return 0

    def _alive(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            ended = None if self._process is None else self._process.returncode
            tail = self._log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace") if self._log.exists() else ""
            raise LifeEnded(f"{' '.join(self._command[-3:])} does not run (exit code {ended}); it said: {tail}")
        return self._process


def _die_with_parent() -> None:
    """On Linux: whatever happens to the measurement, no bot is left behind."""
    if hasattr(_KERNEL, "prctl"):
        _KERNEL.prctl(_PDEATHSIG, signal.SIGKILL)
