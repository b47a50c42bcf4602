"""What the trials say together: accuracy against the number of breeds, and which look-alikes make it fall."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from training.studies.breeds.look_alikes import LookAlikes
from training.studies.breeds.recipe import BreedsStudy
from training.studies.breeds.subset_trial import Trial
from training.studies.breeds.subsets import Kind
from training.studies.breeds.trial_bootstrap import Estimate, Resampled, TrialBootstrap


@dataclass(frozen=True, slots=True)
class Point:
    """Subsets of one kind and size.

    Attributes:
        each: training photos a breed; None is all.
        subsets: how many, and ``answers`` to test photos in all of them; few photos answer in many subsets.
        single: top-1 of each subset.
        merged: top-1 if look-alikes counted as one breed.
        ece_by_chance: what perfectly honest answers of these confidences would show.
        temperature: median.
    """

    kind: Kind
    size: int
    each: int | None
    subsets: int
    answers: int
    top1: Estimate
    single: tuple[float, ...]
    top3: Estimate
    merged: Estimate
    ece: Estimate
    ece_by_chance: float
    temperature: float


@dataclass(frozen=True, slots=True)
class Fall:
    """From the fewest breeds, chosen at random, to all.

    Attributes:
        total: top-1 lost.
        merged: top-1 lost if look-alikes counted as one breed.
        explained: share of the fall that is gone then.
        errors_explained: share of the errors among all breeds that are between look-alikes.
    """

    fewest: int
    most: int
    total: Estimate
    merged: Estimate
    explained: Estimate
    errors_explained: Estimate


@dataclass(frozen=True, slots=True)
class Pair:
    """Two breeds with errors between them.

    Attributes:
        train_errors: out-of-fold errors among their training photos, in both directions.
        train_photos: of both.
        test_errors: errors among their test photos, told apart from all breeds.
        look_alikes: enough training errors to count as such.
    """

    breeds: tuple[str, str]
    train_errors: int
    train_photos: int
    test_errors: int
    look_alikes: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that the page and the plots show.

    Attributes:
        points: all breeds' training photos capped alike.
        learning: random subsets and all breeds with fewer and more training photos.
        chances: expected top-1 and top-3 of the head for all breeds when it may only answer with the breed and k - 1
            others drawn at random, by k: an exact mean over all subsets, without training anew.
        rivals: test photos by the number of breeds that got more than the right one, all breeds competing.
        pairs: most training errors first; those without any error are left out.
        train_errors: out-of-fold errors in all, of ``train_photos``.
        test_errors: errors among all breeds, of ``test_photos``.
    """

    points: list[Point]
    learning: list[Point]
    chances: dict[int, tuple[float, float]]
    rivals: list[int]
    fall: Fall
    pairs: list[Pair]
    train_errors: int
    train_photos: int
    test_errors: int
    test_photos: int

    def to_json(self) -> dict[str, Any]:
        """As in ``results.json``."""
        return asdict(self)


def find(study: BreedsStudy, trials: Sequence[Trial], labels: NDArray[np.str_], alike: LookAlikes) -> Findings:
    """Put all trials together.

    Args:
        study: what was asked.
        trials: of all kinds, sizes and numbers of training photos.
        labels: str [N] of the test part.
        alike: from the training part.
    """
    doubles = alike.pairs(study.alike_from)
    comparison = _Comparison(TrialBootstrap(labels), labels, _both_ways(alike, doubles))
    grouped = _grouped([trial for trial in trials if trial.plan.each == study.each and trial.plan.draw == 0])
    few, most = grouped["random", study.sizes[0], study.each], grouped["all", len(alike.breeds), study.each]
    rank = most[0].rank
    return Findings(
        [comparison.point(group) for group in grouped.values()],
        [comparison.point(group) for group in _grouped(_learning(study, trials)).values()],
        {size: _chances(rank, len(alike.breeds), size) for size in range(2, len(alike.breeds) + 1)},
        np.bincount(rank).tolist(),
        comparison.fall(few, most),
        _pairs(alike, doubles, most[0], labels),
        int(alike.errors.sum()) // 2,
        int(alike.mistaken.sum()),
        int((rank > 0).sum()),
        len(rank),
    )


def _grouped(trials: Sequence[Trial]) -> dict[tuple[Kind, int, int | None], list[Trial]]:
    grouped: dict[tuple[Kind, int, int | None], list[Trial]] = defaultdict(list)
    for trial in trials:
        subset = trial.plan.subset
        grouped[subset.kind, len(subset.breeds), trial.plan.each].append(trial)
    return grouped


def _learning(study: BreedsStudy, trials: Sequence[Trial]) -> list[Trial]:
    """Trials of the same subsets with few and many photos; by number of photos, all last."""
    sizes = {len(trial.plan.subset.breeds) for trial in trials if trial.plan.each is None}
    found = [
        trial
        for trial in trials
        if len(trial.plan.subset.breeds) in sizes
        and (
            trial.plan.subset.kind == "all"
            or (trial.plan.subset.kind == "random" and trial.plan.subset.number < study.learning_subsets)
        )
    ]
    return sorted(found, key=lambda trial: (len(trial.plan.subset.breeds), trial.plan.each or np.inf))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Resampled photos, the test part's labels, and pairs of breeds (either way round) that look alike."""

    bootstrap: TrialBootstrap
    labels: NDArray[np.str_]
    doubles: set[tuple[str, str]]

    def point(self, trials: Sequence[Trial]) -> Point:
        plan = trials[0].plan
        right = [trial.rank == 0 for trial in trials]
        ece, by_chance = self.bootstrap.calibration(trials)
        return Point(
            plan.subset.kind,
            len(plan.subset.breeds),
            plan.each,
            len(trials),
            sum(len(trial.rows) for trial in trials),
            self.bootstrap.mean(trials, right).estimate,
            tuple(float(hits.mean()) for hits in right),
            self.bootstrap.mean(trials, [trial.rank < 3 for trial in trials]).estimate,
            self._merged(trials).estimate,
            ece,
            by_chance,
            float(np.median([trial.temperature for trial in trials])),
        )

    def fall(self, few: Sequence[Trial], most: Sequence[Trial]) -> Fall:
        low, high = (self.bootstrap.mean(trials, [trial.rank == 0 for trial in trials]) for trials in (few, most))
        low_merged, high_merged = self._merged(few), self._merged(most)
        total, merged = low - high, low_merged - high_merged
        wrong = Resampled(1 - high.value, 1 - high.draws)
        return Fall(
            len(few[0].plan.subset.breeds),
            len(most[0].plan.subset.breeds),
            total.estimate,
            merged.estimate,
            (total - merged).over(total).estimate,
            (high_merged - high).over(wrong).estimate,
        )

    def _merged(self, trials: Sequence[Trial]) -> Resampled:
        hits = []
        for trial in trials:
            answers = np.array(trial.plan.subset.breeds)[trial.answer]
            pairs = zip(self.labels[trial.rows].tolist(), answers.tolist(), strict=True)
            hits.append(np.array([truth == answer or (truth, answer) in self.doubles for truth, answer in pairs]))
        return self.bootstrap.mean(trials, hits)


def _both_ways(alike: LookAlikes, pairs: Sequence[tuple[int, int]]) -> set[tuple[str, str]]:
    named = [(alike.breeds[one], alike.breeds[two]) for one, two in pairs]
    return {*named, *((two, one) for one, two in named)}


def _chances(rank: NDArray[np.intp], breeds: int, size: int) -> tuple[float, float]:
    """Of ``rank`` rivals among ``breeds - 1`` others, none (or at most two) are among the ``size - 1`` drawn."""
    none, two = (np.mean(hypergeom.cdf(allowed, breeds - 1, rank, size - 1)) for allowed in (0, 2))
    return float(none), float(two)


def _pairs(alike: LookAlikes, doubles: Sequence[tuple[int, int]], most: Trial, labels: NDArray[np.str_]) -> list[Pair]:
    truth = np.searchsorted(np.array(alike.breeds), labels[most.rows])
    tested = np.zeros_like(alike.mistaken)
    np.add.at(tested, (truth, most.answer), 1)
    tested = np.triu(tested + tested.T, 1)
    errors, photos = np.triu(alike.errors, 1), alike.mistaken.sum(axis=1)
    found = [
        Pair(
            (alike.breeds[one], alike.breeds[two]),
            int(errors[one, two]),
            int(photos[one] + photos[two]),
            int(tested[one, two]),
            (one, two) in doubles,
        )
        for one, two in zip(*(axis.tolist() for axis in np.nonzero(errors + tested)), strict=True)
    ]
    return sorted(found, key=lambda pair: (-pair.train_errors, -pair.test_errors, pair.breeds))
