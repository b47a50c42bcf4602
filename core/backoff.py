"""How long to wait before trying again."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with jitter, capped.

    Half of each pause is fixed and half random: retries spread out, and none comes at once.
    ("Equal jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
    """

    base_s: float = 0.5
    cap_s: float = 60.0

    def delay_s(self, tries: int) -> float:
        """Seconds to wait after the ``tries``-th failure in a row (1 = the first)."""
        ceiling = min(self.cap_s, self.base_s * 2.0 ** min(tries - 1, 30))
        return ceiling * (0.5 + random.random() / 2)  # noqa: S311 - spreading load, not a secret
