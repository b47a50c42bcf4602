"""A folder of photos that a child could tell apart: noise, each breed in its colour."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

FIVE = {
    "maltese": (230, 230, 220),
    "irish_wolfhound": (110, 110, 120),
    "french_bulldog": (60, 40, 30),
    "afghan_hound": (200, 150, 60),
    "pomeranian": (220, 90, 30),
}


def coloured_breeds(
    root: Path, each: int, colours: Mapping[str, Iterable[int]] = FIVE, size: tuple[int, int] = (40, 48)
) -> Path:
    rng = np.random.default_rng(1)
    for breed, colour in colours.items():
        (root / breed).mkdir(parents=True)
        for number in range(each):
            pixels = np.clip(rng.normal(tuple(colour), 25, (*size, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / breed / f"{number}.png")
    return root
