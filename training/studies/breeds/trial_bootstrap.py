"""How far a mean over trials would move with other test photos and other subsets of breeds: a two-level bootstrap.

Trials share test photos, so each resample draws photos once, breed by breed, and weighs them alike in all trials; then
it draws trials. Where there is one trial (all breeds), only the photos vary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.bootstrap import RESAMPLES, SEED, percentile_interval
from training.evaluation.confidence import calibration_interval, errors_of_honest_answers, expected_calibration_error
from training.studies.breeds.subset_trial import Trial

CALIBRATION_RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """A number and what it is in each resample, float64 [resamples]; differences and ratios keep what both share."""

    value: float
    draws: NDArray[np.float64]

    @property
    def estimate(self) -> Estimate:
        """With the middle 95 %."""
        return Estimate(self.value, *percentile_interval(self.draws))

    def __sub__(self, other: "Resampled") -> "Resampled":
        """The difference, resample by resample."""
        return Resampled(self.value - other.value, self.draws - other.draws)

    def over(self, other: "Resampled") -> "Resampled":
        """The ratio; 0 where there is nothing to divide by."""
        there = other.draws != 0
        ratio = np.divide(self.draws, other.draws, out=np.zeros_like(self.draws), where=there)
        return Resampled(self.value / other.value if other.value else 0.0, ratio)


class TrialBootstrap:
    """The same resampled photos for every question asked of it."""

    def __init__(self, labels: NDArray[np.str_], resamples: int = RESAMPLES, seed: int = SEED) -> None:
        """``labels`` str [N] of the test part: each breed keeps its number of photos."""
        self._resamples, self._seed = resamples, seed
        rng = np.random.default_rng(seed)
        self._weights = np.zeros((resamples, len(labels)))
        for breed in np.unique(labels):
            members = np.flatnonzero(labels == breed)
            drawn = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=resamples)
            self._weights[:, members] = drawn

    def mean(self, trials: Sequence[Trial], hits: Sequence[NDArray[np.bool_]]) -> Resampled:
        """The mean over trials of the share of hits, given one truth value a row of each trial."""
        shares = np.stack([self._share(trial, hit) for trial, hit in zip(trials, hits, strict=True)])
        draws = np.take_along_axis(shares.T, self._picked(len(trials)), axis=1).mean(axis=1)
        return Resampled(float(np.mean([hit.mean() for hit in hits])), draws)

    def calibration(self, trials: Sequence[Trial]) -> tuple[Estimate, float]:
        """ECE of all answers together, and what answers as honest as can be would show by chance."""
        right = np.concatenate([trial.rank == 0 for trial in trials])
        confidence = np.concatenate([trial.confidence for trial in trials])
        error = expected_calibration_error(confidence, right)
        honest = errors_of_honest_answers(confidence, CALIBRATION_RESAMPLES)
        picked = self._picked(len(trials))[:CALIBRATION_RESAMPLES]
        resampled = np.array([self._error(trials, number, places) for number, places in enumerate(picked.tolist())])
        return Estimate(error, *calibration_interval(error, resampled, honest)), float(honest.mean())

    def _picked(self, trials: int) -> NDArray[np.intp]:
        """Which trials each resample takes, with repeats; always the same, so that numbers of one group compare."""
        return np.random.default_rng([self._seed, trials]).integers(trials, size=(self._resamples, trials))

    def _share(self, trial: Trial, hit: NDArray[np.bool_]) -> NDArray[np.float64]:
        weights = self._weights[:, trial.rows]
        share: NDArray[np.float64] = weights @ hit / weights.sum(axis=1)
        return share

    def _error(self, trials: Sequence[Trial], number: int, places: list[int]) -> float:
        confidence, right = [], []
        for trial in (trials[place] for place in places):
            rows = np.repeat(np.arange(len(trial.rows)), self._weights[number, trial.rows].astype(np.intp))
            confidence.append(trial.confidence[rows])
            right.append(trial.rank[rows] == 0)
        return expected_calibration_error(np.concatenate(confidence), np.concatenate(right))
