"""Photos in whose hands the process dies: looked at alone the next time, and after the third time not any more.

A crash in a codec or in the engine, or a kill for memory, takes all photos along that are in hand. So each is noted
before it is looked at; who was in hand when the process died is looked at alone next time, and proves its innocence or
is found out.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from inference.queue.protocol import Job

LIVES: Final = 3


class CrashGuard(Protocol):
    """Remembers, beyond the end of the process, which photos were in hand."""

    async def begin(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        """Note that these are in hand from now on; return once that is safe.

        Returns:
            By job id, how often it was begun and never settled, this time included: 1 = all is well.
        """

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """These were laid down unharmed, and not looked at; their last `begin` does not count."""
