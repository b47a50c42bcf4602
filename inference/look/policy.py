"""When a photo is looked at twice, and what is made of it: every number of the second look."""

from dataclasses import dataclass
from typing import Final

PASS_PX: Final = 224 * 224
"""Pixels of one network pass, in which all others are counted."""


@dataclass(frozen=True, slots=True)
class LookPolicy:
    """Chosen on scenes made of validation photos and of photos from elsewhere; docs/decisions/0021 has how.

    Attributes:
        sure: the first look alone answers where its best breed is as probable as this, more than a dog that is not
            typical of its breed can be…
        keeps: …and the crop of the middle keeps at least this share of the photo.
        small_from: where the first look gives "no dog" as much as this, dogs are looked for that are small.
        windows: sides of the squares that are tried then, in short sides of the photo…
        large_windows: …those that are tried otherwise…
        large_score: …and where none of these scores this, in a photo with `FINE_PX`, the smaller ones after all: a
            collage shows many dogs and hardly any "no dog".
        window_px: …and of so many of its pixels at least: of a photo that is hardly larger than the network's input,
            parts show less than the whole.
        part_windows: where one dog was found, but these are good windows of breeds that do not look alike, they are
            looked at, too; two dogs have to be `sure` for several to be told.
        overlap: of two windows that share more of the smaller one than this, the better one is looked at.
        looked_at: windows that are cut out and looked at alone; as many more, if each of them shows a dog.
        dogs: of one photo, at most.
        margin: what is cut out around a window, on each side, in its sides; nothing where small dogs are looked for.
        window_weight: in a dog's feature, of what its window is in the larger pass, beside its cut-out's 1…
        large_window_weight: …and where dogs are large, which that pass shows as large as photos that were learnt from.
        dog: the probability that a cut-out shows any dog, from which on it is one.
        second_score: a further dog's window scores this (its best breed's probability times the root of its side in
            short sides of the photo); the best window is looked at whatever its score.
        named: the best breed's probability, from which on a cut-out is a dog of its own beside others.
        shared: of two cut-outs whose probabilities have more than this in common, one dog is made.
        whole_sure: a whole photo as sure as this of a cut-out's breed shows that one dog only…
        both_sure: …unless both cut-outs are as sure as this.
        alone: a box of less than this share of what the first look saw is answered by itself.
        several_doubt: what the temperature is multiplied by for each of several dogs, seen once and as the window lies.
        found: a dog that the first look did not see has to be this sure of its breed.
        empty: where the first look gives "no dog" as much as this, no dog lies on its side either.
        upright: a window as sure as this, where smaller dogs are looked for (`FINE_PX`), says that a photo is upright.
        turned: where otherwise the answer is not sure and what spoke for its breed at the first look (`Head.evidence`)
            is less than this, the photo is looked at turned by 90°, 180° and 270°, too…
        turned_sure: …and of these the one with the largest logit wins, if it is as sure as this…
        turned_gain: …and the logit, divided by the temperature, is larger than that of the photo as it came by this. By
            probabilities one photo in twenty that is upright would be taken for turned: of two breeds that look alike
            upside down, one often goes away…
        likely: …where the first look was as sure as this…
        likely_turned_gain: …by this: dogs themselves lie on their sides.
        small_px: a dog whose box has a shorter side is answered the less surely, the smaller it is…
        small_doubt: …and never surer than 1 less this, at a pixel; less of it, the more there are.
    """

    sure: float = 0.85
    keeps: float = 0.6
    small_from: float = 0.02
    windows: tuple[float, ...] = (0.34, 0.4, 0.46, 0.5, 0.7, 0.9, 1.0)
    large_windows: tuple[float, ...] = (0.5, 0.7, 0.9, 1.0)
    large_score: float = 0.6
    window_px: int = 200
    part_windows: tuple[float, ...] = (0.34, 0.4, 0.5)
    overlap: float = 0.15
    looked_at: int = 4
    dogs: int = 8
    margin: float = 0.1
    window_weight: float = 0.25
    large_window_weight: float = 1.0
    dog: float = 0.5
    second_score: float = 0.5
    named: float = 0.4
    shared: float = 0.15
    whole_sure: float = 0.9
    both_sure: float = 0.7
    alone: float = 0.45
    several_doubt: float = 1.2
    found: float = 0.25
    empty: float = 0.999
    upright: float = 0.9
    turned: float = 12.0
    turned_sure: float = 0.3
    turned_gain: float = 2.5
    likely: float = 0.6
    likely_turned_gain: float = 4.0
    small_px: int = 100
    small_doubt: float = 0.3


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
"""Short and long side of what a photo is resized to where small dogs are looked for, whichever is nearest to its shape.

Few sizes, since engines prepare themselves for each; all of about five passes; whole multiples of the 32 pixels that a
cell of a map stands for.
"""

FINE_SCAN_SIZES: Final = (
    (576, 576),
    (512, 672),
    (480, 736),
    (448, 768),
    (416, 832),
    *((short, long) for short, long in SCAN_SIZES if long > 2 * short),
)
"""The same of photos with more pixels, `FINE_PX` on the short side: in about seven passes smaller dogs are found."""
FINE_PX: Final = 560

LARGE_SCAN_SIZES: Final = (
    (256, 256),
    (256, 352),
    (256, 384),
    (256, 448),
    (256, 512),
    (256, 640),
    (256, 768),
    *((short, long) for short, long in SCAN_SIZES if long > 3 * short),
)
"""The same where dogs are large: the network sees them as large as it was taught to, and for less than half."""
