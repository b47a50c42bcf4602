"""How long something took, many times, in a few numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds; all 0 where there was nothing to measure."""

    n: int = 0
    p50_s: float = 0.0
    p95_s: float = 0.0
    max_s: float = 0.0

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        """Of so many."""
        if not seconds:
            return cls()
        p50, p95, most = np.percentile(np.asarray(seconds), [50, 95, 100])
        return cls(len(seconds), float(p50), float(p95), float(most))
