"""What a run of a fuzzer cost: how many tries, how long, and what they left behind in the process."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

TOLLS: list["Toll"] = []


@dataclass
class Toll:
    """`tried`: counted by the test. `warm`: memory after the first tenth or so, when caches are full."""

    name: str
    tried: int = 0
    seconds: float = 0.0
    notes: dict[str, int] = field(default_factory=dict)
    rss: list[tuple[int, float]] = field(default_factory=list)  # tried so far, MiB
    files: list[int] = field(default_factory=list)

    @contextmanager
    def taken(self) -> Iterator["Toll"]:
        """From the first try to the last."""
        began = time.monotonic()
        self.look()
        yield self
        self.look()
        self.seconds = time.monotonic() - began
        TOLLS.append(self)

    def count(self, number: int = 1, note: str = "") -> None:
        """Some more were tried; `note`: what came of them."""
        before, self.tried = self.tried, self.tried + number
        if note:
            self.notes[note] = self.notes.get(note, 0) + number
        if before // 1000 != self.tried // 1000:
            self.look()

    def look(self) -> None:
        """Note memory and open files now."""
        gc.collect()
        process = psutil.Process()
        self.rss.append((self.tried, process.memory_info().rss / 2**20))
        self.files.append(process.num_fds())

    @property
    def grown_mib(self) -> float:
        """By how much memory grew from a fifth of the way to the end; before, caches fill."""
        warm = next((mib for tried, mib in self.rss if tried >= self.tried / 5), self.rss[0][1])
        return self.rss[-1][1] - warm

    def __str__(self) -> str:
        notes = ", ".join(f"{count:,} {note}" for note, count in sorted(self.notes.items(), key=lambda one: -one[1]))
        memory = " → ".join(f"{mib:.0f}" for _, mib in self.rss[:: max(1, len(self.rss) // 6)] + self.rss[-1:])
        fds = f"{self.files[0]} → {self.files[-1]} open files"
        return f"{self.name}: {self.tried:,} in {self.seconds:.0f} s; {memory} MiB; {fds}; {notes}"
