"""When a photo is looked at twice, and what is made of it: every number of the second look."""

from dataclasses import dataclass
from typing import Final

PASS_PX: Final = 224 * 224
"""Pixels of one network pass, in which all others are counted."""


@dataclass(frozen=True, slots=True)
class LookPolicy:
    """Chosen on scenes made of photos from elsewhere, `breedbot bench look DIR`; docs/decisions/0021 has how.

    Attributes:
        sure: the first look alone answers where its best breed is as probable as this…
        keeps: …and the crop of the middle keeps at least this share of the photo.
        windows: sides of the squares that are tried, in short sides of the photo…
        window_px: …and of so many of its pixels at least: of a photo that is hardly larger than the network's input,
            parts show less than the whole.
        overlap: of two windows that share more of the smaller one than this, the better one is looked at.
        looked_at: windows that are cut out and looked at alone; as many more, if each of them shows a dog.
        dogs: of one photo, at most.
        margin: what is cut out around a window, on each side, in its sides; nothing, where a photo is looked at turned,
            too: dogs that the first look does not see are small.
        dog: the probability that a cut-out shows any dog, from which on it is one.
        second_score: a further dog's window scores this (its best breed's probability times the root of its side in
            short sides of the photo); the best window is looked at whatever its score.
        named: the best breed's probability, from which on a cut-out is a dog of its own beside others.
        shared: of two cut-outs whose probabilities have more than this in common, one dog is made.
        whole_sure: a whole photo as sure as this of a cut-out's breed shows that one dog only.
        found: a dog that the first look did not see has to be this sure of its breed.
        turned: photos less sure than this are looked at turned by 90°, 180° and 270°, too…
        upright: …unless a window is as sure as this…
        turned_sure: …and a turn as sure as this wins…
        turned_gain: …if its best breed's logit, divided by the temperature, is larger than the first look's by this. By
            probabilities one photo in twenty that is upright would be taken for turned: of two breeds that look alike
            upside down, one often goes away.
        small_px: a dog whose box has a shorter side is answered the less surely, the smaller it is…
        small_doubt: …and never surer than 1 less this, at a pixel; less of it, the more there are.
    """

    sure: float = 0.7
    keeps: float = 0.6
    windows: tuple[float, ...] = (0.34, 0.42, 0.5, 0.7, 0.9, 1.0)
    window_px: int = 200
    overlap: float = 0.15
    looked_at: int = 4
    dogs: int = 8
    margin: float = 0.1
    dog: float = 0.5
    second_score: float = 0.5
    named: float = 0.4
    shared: float = 0.15
    whole_sure: float = 0.9
    found: float = 0.25
    turned: float = 0.6
    upright: float = 0.97
    turned_sure: float = 0.5
    turned_gain: float = 2.5
    small_px: int = 100
    small_doubt: float = 0.3

    def small(self, side_px: float) -> tuple[float, float]:
        """What few pixels do: by what the temperature is multiplied, and the most that a breed's probability may be."""
        missing = max(0.0, 1 - side_px / self.small_px)
        return (max(1.0, self.small_px / max(side_px, 1.0)) ** 0.5, 1 - self.small_doubt * missing)


DEFAULT_POLICY: Final = LookPolicy()

SCAN_SIZES: Final = (
    (448, 448),
    (448, 576),
    (384, 640),
    (352, 704),
    (288, 864),
    (224, 1120),
    (160, 1600),
    (128, 1984),
)
"""Short and long side of what a photo is resized to for the larger pass, whichever is nearest to its shape.

Few sizes, since engines prepare themselves for each; all of about five passes; whole multiples of the 32 pixels that a
cell of a map stands for.
"""
