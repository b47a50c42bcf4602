"""How much is tried: little by default, what `--fuzz N` says otherwise (pytest tests/fuzz --fuzz 100000)."""

import time
from dataclasses import dataclass

DEFAULT = 1_000


@dataclass
class FuzzSize:
    """Set before the tests are collected. `updates`: that N; everything else is a share of it."""

    updates: int = DEFAULT
    ends_at: float = float("inf")  # by the monotonic clock
    first: int = 0  # seed: another one tries other updates and files

    @property
    def is_usual(self) -> bool:
        """Nobody asked for more: the same examples each time. A campaign tries others."""
        return self.updates == DEFAULT

    @property
    def is_over(self) -> bool:
        """Whether the time that somebody gave is up."""
        return time.monotonic() > self.ends_at

    def of(self, share: float) -> int:
        """So many of something that is rarer, or more laborious, than an update."""
        return max(20, int(self.updates * share))


SIZE = FuzzSize()
