"""What limits a model: which of its errors have something in common, as far as an evaluation can tell. NumPy only.

These are observations, not causes: sources differ in their breeds, and small photos in their source.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.prediction import Kind
from training.evaluation.answers import Answers
from training.evaluation.confusions import confused_pairs
from training.evaluation.metrics import Share

SURE = 0.9  # from here on a wrong answer is worth a look at its label
OFTEN = 2  # errors between two breeds that make them look-alikes
CONFIDENCES = (0.0, 0.5, 0.7, 0.9, 0.97, 1.0)
SHORT_SIDES_PX = (112, 160, 224, 320, 640)  # around 224, what networks look at


@dataclass(frozen=True, slots=True)
class ErrorTraits:
    """Shares of the errors on photos with a dog; one error may count in several.

    Attributes:
        errors: photos whose most probable breed is wrong.
        look_alikes: between two breeds that are confused at least `OFTEN` times in this very evaluation.
        near_misses: the right breed comes second or third.
        hedged: the answer was "unsure" or "not a dog", so that nobody was told a wrong breed.
        sure: answered with a confidence of at least `SURE`: where wrong labels would show.
        sure_expected: how many of those the confidences themselves announce.
    """

    errors: int
    look_alikes: Share
    near_misses: Share
    hedged: Share
    sure: Share
    sure_expected: float


@dataclass(frozen=True, slots=True)
class Slice:
    """Photos that have something in common.

    Attributes:
        name: what it is.
        wrong: their error rate.
        expected: the error rate of the other photos of the same breeds, or None where there are none.
    """

    name: str
    wrong: Share
    expected: float | None


def error_traits(answers: Answers) -> ErrorTraits:
    """What the errors have in common."""
    dogs, best_confidence = answers.dogs, answers.confidence[:, 0]
    wrong = dogs & ~answers.right
    pairs = {frozenset(pair.breeds) for pair in confused_pairs(answers) if pair.errors >= OFTEN}
    mistaken = zip(answers.truth[wrong].tolist(), answers.best[wrong].tolist(), strict=True)
    sure = best_confidence >= SURE
    return ErrorTraits(
        errors=int(wrong.sum()),
        look_alikes=Share.of(np.array([frozenset(pair) in pairs for pair in mistaken], np.bool_)),
        near_misses=Share.of(answers.among(3)[wrong]),
        hedged=Share.of(answers.kind[wrong] != Kind.BREED.value),
        sure=Share.of(sure[wrong]),
        sure_expected=float((1 - best_confidence[dogs & sure]).sum()),
    )


def by_confidence(answers: Answers) -> list[Slice]:
    """Error rate in steps of confidence; what is expected is what the confidences say."""
    confidence = answers.confidence[:, 0]
    slices = []
    for low, high in pairwise(CONFIDENCES):
        inside = answers.dogs & (confidence >= low) & ((confidence < high) | (high == CONFIDENCES[-1]))
        if inside.any():
            name = f"{low:.0%} to {high:.0%}" if low else f"below {high:.0%}"
            expected = float(1 - confidence[inside].mean())
            slices.append(Slice(name.replace("%", " %"), Share.of(~answers.right[inside]), expected))
    return slices


def by_short_side(answers: Answers, short_side_px: NDArray[np.float64]) -> list[Slice]:
    """Error rate by the photo's size; NaN, a size not known, is left out."""
    steps = np.searchsorted(SHORT_SIDES_PX, short_side_px, side="right")  # NaN is sorted to the end: left out below
    inner = [f"{low} to {high - 1} px" for low, high in pairwise(SHORT_SIDES_PX)]
    order = [f"below {SHORT_SIDES_PX[0]} px", *inner, f"{SHORT_SIDES_PX[-1]} px and more"]
    names = np.where(np.isnan(short_side_px), "", np.array(order)[steps])
    return _slices(answers, names, order)


def by_source(answers: Answers, sources: Sequence[str]) -> list[Slice]:
    """Error rate by where photos come from, most photos first; "" is left out."""
    names = np.array(sources, np.str_)
    of_dogs, counts = np.unique(names[answers.dogs], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return _slices(answers, names, [str(of_dogs[place]) for place in order if of_dogs[place]])


def _slices(answers: Answers, names: NDArray[np.str_], order: Sequence[str]) -> list[Slice]:
    expected = _error_rate_of_the_others(answers)
    slices = []
    for name in order:
        inside = answers.dogs & (names == name)
        if not inside.any():
            continue
        rates = expected[inside]
        rates = rates[~np.isnan(rates)]
        slices.append(Slice(name, Share.of(~answers.right[inside]), float(rates.mean()) if len(rates) else None))
    return slices


def _error_rate_of_the_others(answers: Answers) -> NDArray[np.float64]:
    """Float64 [N]: of the other photos of the photo's breed; NaN where it is the only one."""
    _, codes = np.unique(answers.truth, return_inverse=True)
    wrong = ~answers.right
    photos, errors = np.bincount(codes), np.bincount(codes, weights=wrong)
    others = photos[codes] - 1
    rates: NDArray[np.float64] = np.where(others > 0, (errors[codes] - wrong) / np.maximum(others, 1), np.nan)
    return rates
