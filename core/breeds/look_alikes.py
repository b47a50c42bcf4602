"""Breeds that a photo does not tell apart well, as opposed to breeds that are merely both possible.

Two breeds are alike where their photos lie in the same direction in the network's features. `look_alikes.json` was made
from the features that ship with the model (`find_look_alikes`); a test holds it to them.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG

ALIKE: Final = 0.4
"""Cosine from which on two breeds are alike: 350 of 8,646 pairs. Nine in ten of the held-out photos on which two
breeds share the answer lie above it (docs/answers.md)."""


def look_alike(one: str, other: str) -> bool | None:
    """Whether two breeds look alike; None where the model that ships does not know both."""
    known, pairs = _shipped()
    if one not in known or other not in known:
        return None
    return frozenset((one, other)) in pairs


def look_alikes(breed: str) -> list[str]:
    """The breeds that look like this one, in order; none where the model that ships does not know it."""
    _, pairs = _shipped()
    return sorted(other for pair in pairs if breed in pair for other in pair - {breed})


def find_look_alikes(features: NDArray[np.floating], labels: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of breeds that are alike, in order.

    Args:
        features: float [N, D], one row a photo.
        labels: N slugs; photos without a dog are left out.
    """
    directions = features / np.linalg.norm(features, axis=1, keepdims=True)
    names = np.array(labels)
    breeds = sorted(set(labels) - {NOT_A_DOG})
    centres = np.stack([directions[names == breed].mean(axis=0) for breed in breeds])
    centres -= centres.mean(axis=0)  # what all dogs have in common tells no two apart
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    rows, columns = np.nonzero(np.triu(centres @ centres.T >= ALIKE, 1))
    return [(breeds[row], breeds[column]) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)]


@cache
def _shipped() -> tuple[frozenset[str], frozenset[frozenset[str]]]:
    told = json.loads(resources.files("core.breeds").joinpath("look_alikes.json").read_text(encoding="utf-8"))
    return frozenset(told["breeds"]), frozenset(frozenset(pair) for pair in told["pairs"])
