"""Where things stand after a round."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class RoundResult:
    """Counts are of all rounds so far.

    Attributes:
        claims, corrections: made.
        wrong: claims made that are wrong.
        accepted, accepted_wrong: claims that teach, and those of them that are wrong.
        promoted: the round's candidate answers now.
        golden, test: bool [N], photos that the champion has right.
        of_victim: bool [golden and test], photos of the breed that is, or would be, attacked.
    """

    claims: int
    corrections: int
    wrong: int
    accepted: int
    accepted_wrong: int
    promoted: bool
    golden: NDArray[np.bool_]
    test: NDArray[np.bool_]
    of_victim: NDArray[np.bool_]

    @property
    def victim(self) -> float:
        """Recall of that breed, over both parts."""
        return float(np.concatenate([self.golden, self.test])[self.of_victim].mean())
