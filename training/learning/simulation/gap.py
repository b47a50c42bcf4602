"""A mean over repeats and photos, and how far it would move with others of both: a two-level bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.bootstrap import RESAMPLES, SEED, percentile_interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def points(self) -> str:
        """For people, in percentage points."""
        return f"{100 * self.value:.1f} ({100 * self.low:.1f} to {100 * self.high:.1f})"


def estimate(repeats: Sequence[NDArray[np.floating] | NDArray[np.bool_]]) -> Estimate:
    """Of values [N] of the same photos in each repeat."""
    values = np.stack([np.asarray(one, np.float64) for one in repeats])
    rng = np.random.default_rng(SEED)
    photos = values.shape[1]
    drawn = rng.multinomial(photos, np.full(photos, 1 / photos), size=RESAMPLES) @ values.T / photos
    picked = rng.integers(len(values), size=(RESAMPLES, len(values)))
    return Estimate(float(values.mean()), *percentile_interval(np.take_along_axis(drawn, picked, axis=1).mean(axis=1)))


def estimate_of_means(repeats: Sequence[NDArray[np.floating] | NDArray[np.bool_]]) -> Estimate:
    """Of values of other photos in each repeat: which repeats there are is drawn, and photos within each."""
    rng = np.random.default_rng(SEED)
    means = np.array([np.mean(one) for one in repeats])
    drawn = np.stack(
        [
            rng.multinomial(len(one), np.full(len(one), 1 / len(one)), size=RESAMPLES) @ one / len(one)
            for one in repeats
        ],
        axis=1,
    )
    picked = rng.integers(len(means), size=(RESAMPLES, len(means)))
    return Estimate(float(means.mean()), *percentile_interval(np.take_along_axis(drawn, picked, axis=1).mean(axis=1)))
