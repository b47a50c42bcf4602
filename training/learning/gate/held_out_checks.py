"""The gate's questions about what people taught."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.model.head import Head
from training.learning.gate.gate_report import Check
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.gate.paired import ALPHA, Paired, right

ENOUGH: Final = 6  # photos that one of two has right; with fewer the exact test never finds a gain


@dataclass(frozen=True)
class HeldOut:
    """Accepted photos of people whom neither of these two heads has learned from.

    Attributes:
        photos: all of them.
        new: bool [N], those that were accepted after the champion was made.
        champion: the champion without what those people taught it.
        candidate: the same of the candidate.
    """

    photos: LabelledRows
    new: NDArray[np.bool_]
    champion: Head
    candidate: Head


def gain_check(champion: Head, candidate: Head, held_out: HeldOut, learned: LabelledRows) -> Check:
    """What it was taught has to be right now; whether that helps people it never met is told beside it.

    To ask for a gain there would be to learn nothing for long: 1,200 more photos from the base's own collections make
    no measurable difference to a head that saw 9,700 (docs/learning.md). That nobody loses is another check.
    """
    new = held_out.photos.chosen(held_out.new)
    others = Paired.of(right(held_out.champion, new), right(held_out.candidate, new))
    taught = Paired.of(right(champion, learned), right(candidate, learned))
    numbers = {"taught": taught.numbers(), "others": others.numbers()}
    if not taught.n:
        return Check("gain", True, "There is nothing new to learn; it only has to be no worse.", numbers)
    enough = taught.p_gain <= ALPHA if taught.gained + taught.lost >= ENOUGH else taught.gained > taught.lost
    passed = enough or others.p_gain <= ALPHA
    sentence = (
        f"Of {taught.n:,} new photos that it was taught it has {taught.after:,} right and the champion "
        f"{taught.before:,} ({taught.gained} gained, {taught.lost} lost). Before it had learned from everybody, it had "
        f"{others.after:,} of {others.n:,} new photos of people it did not know right, and the champion "
        f"{others.before:,} (p = {others.p_gain:.2f})."
    )
    return Check("gain", passed, sentence, numbers)


def held_out_check(held_out: HeldOut) -> Check:
    pair = Paired.of(right(held_out.champion, held_out.photos), right(held_out.candidate, held_out.photos))
    passed = pair.p_loss >= ALPHA
    sentence = (
        f"Of all {pair.n:,} photos of people whom it had not learned from it has {pair.after:,} right and the champion "
        f"{pair.before:,} ({pair.gained} gained, {pair.lost} lost); {pair.compared}."
    )
    return Check("held_out", passed, sentence, pair.numbers())
