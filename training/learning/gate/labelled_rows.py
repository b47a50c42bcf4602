"""Features and what they show."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class LabelledRows:
    """Row i of both is photo i.

    Attributes:
        features: float32 [N, D].
        labels: str [N], breed slugs and ``not_a_dog``.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.str_]

    def __len__(self) -> int:
        """How many photos."""
        return len(self.labels)

    def chosen(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        """Some of the photos; nothing is copied where that is all of them."""
        return self if rows.dtype == bool and rows.all() else type(self)(self.features[rows], self.labels[rows])
