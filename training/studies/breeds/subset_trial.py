"""One head for some breeds, fitted, calibrated and tried on photos that nothing was chosen by."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from core.atomic_file import write_whole
from training.features.feature_reduction import reduce_features
from training.features.labelled_features import LabelledFeatures
from training.heads.head_fit import FittedHead, fit_head
from training.studies.breeds.subsets import BreedSubset

CONFIDENCE_DIGITS = 5


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """What is tried.

    Attributes:
        subset: the breeds.
        each: training photos a breed, where it has as many; None takes all.
        draw: number of the random draw of those photos; of one draw, few are among many.
    """

    subset: BreedSubset
    each: int | None
    draw: int = 0

    @property
    def name(self) -> str:
        """Fit to be a file's name."""
        return f"{self.subset.name}-each-{self.each or 'all'}-{self.draw}"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out.

    Attributes:
        plan: what was tried.
        l2: penalty that gave the validation photos the best likelihood, each at its own best temperature.
        temperature: that.
        train_photos, validation_photos: of these breeds.
        rows: test photos of these breeds, by their place in the whole test part.
        rank: breeds that got more than the right one, one number a row; 0 is a right answer.
        answer: the breed that got most, by its place in the subset.
        confidence: its probability after the temperature.
    """

    plan: TrialPlan
    l2: float
    temperature: float
    train_photos: int
    validation_photos: int
    rows: NDArray[np.intp]
    rank: NDArray[np.intp]
    answer: NDArray[np.intp]
    confidence: NDArray[np.float64]

    def write(self, file: Path) -> None:
        """Keep it, as a whole or not at all."""
        arrays = {key: getattr(self, key).tolist() for key in ("rows", "rank", "answer", "confidence")}
        numbers = {key: getattr(self, key) for key in ("l2", "temperature", "train_photos", "validation_photos")}
        told = {"plan": asdict(self.plan), **numbers, **arrays}
        write_whole(file, json.dumps(told).encode())

    @classmethod
    def read(cls, file: Path, plan: TrialPlan) -> Self | None:
        """The trial kept there, or None if there is none of this plan."""
        if not file.exists():
            return None
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["plan"] != json.loads(json.dumps(asdict(plan))):
            return None
        rows, rank, answer = (np.array(told[key], np.intp) for key in ("rows", "rank", "answer"))
        photos = told["train_photos"], told["validation_photos"]
        return cls(plan, told["l2"], told["temperature"], *photos, rows, rank, answer, np.array(told["confidence"]))


@dataclass(frozen=True, slots=True)
class Parts:
    """Features of all breeds: to fit by, to choose by, and to measure on.

    Attributes:
        scale: what a head divides features by (`fit_head`), so that a penalty means the same in every trial; None: each
            finds its own.
    """

    train: LabelledFeatures
    validation: LabelledFeatures
    test: LabelledFeatures
    scale: float | None = None

    def reduced(self, keep: float) -> "Parts":
        """Along the fewest directions that keep this share of the training features' variance: quicker to fit."""
        reduction = reduce_features(self.train.features, keep)
        scale = float(np.asarray(self.train.features, np.float32).std(axis=0).mean())

        def along(part: LabelledFeatures) -> LabelledFeatures:
            return LabelledFeatures(reduction(part.features), part.labels)

        return Parts(along(self.train), along(self.validation), along(self.test), scale)


def try_subset(plan: TrialPlan, parts: Parts, penalties: Sequence[float]) -> Trial:
    """Fit under each penalty, choose by the validation photos, answer the test photos."""
    breeds = np.array(plan.subset.breeds)
    learnt = _some_of_each(parts.train.labels, breeds, plan.each, plan.draw)
    kept, asked = (np.flatnonzero(np.isin(part.labels, breeds)) for part in (parts.validation, parts.test))
    train, validation = _rows(parts.train, learnt), _rows(parts.validation, kept)
    fits = _fits(train, validation, breeds, penalties, parts.scale)
    _, temperature, l2, head = min(fits, key=lambda fit: fit[0])
    logits = head.logits(parts.test.features[asked]).astype(np.float64)
    of_truth = logits[np.arange(len(asked)), np.searchsorted(breeds, parts.test.labels[asked])]
    rank = (logits > of_truth[:, None]).sum(axis=1)
    confidence = np.exp(log_softmax(logits / temperature, axis=1).max(axis=1)).round(CONFIDENCE_DIGITS)
    return Trial(plan, l2, temperature, len(learnt), len(kept), asked, rank, logits.argmax(axis=1), confidence)


def _fits(
    train: LabelledFeatures,
    validation: LabelledFeatures,
    breeds: NDArray[np.str_],
    penalties: Sequence[float],
    scale: float | None,
) -> list[tuple[float, float, float, FittedHead]]:
    """Validation loss, temperature, penalty and head, from the strongest penalty on, each begun at the one before."""
    columns, held_back = np.searchsorted(breeds, train.labels), np.searchsorted(breeds, validation.labels)
    head: FittedHead | None = None
    fits = []
    for l2 in sorted(penalties, reverse=True):
        head = fit_head(train.features, columns, len(breeds), l2=l2, start=head, scale=scale)
        fits.append((*_least_surprise(head, validation.features, held_back), l2, head))
    return fits


def _rows(part: LabelledFeatures, rows: NDArray[np.intp]) -> LabelledFeatures:
    return LabelledFeatures(part.features[rows], part.labels[rows])


def _some_of_each(labels: NDArray[np.str_], breeds: NDArray[np.str_], each: int | None, draw: int) -> NDArray[np.intp]:
    chosen = []
    for breed in breeds:
        members = np.flatnonzero(labels == breed)
        order = np.random.default_rng([draw, len(members), *breed.encode()]).permutation(len(members))
        chosen.append(members[order[:each]])
    return np.sort(np.concatenate(chosen))


def _least_surprise(head: FittedHead, features: NDArray[np.floating], columns: NDArray[np.intp]) -> tuple[float, float]:
    """Mean negative log likelihood at the temperature where it is least, and that temperature."""
    logits = head.logits(features).astype(np.float64)

    def loss(log_temperature: float) -> float:
        likelihoods = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(likelihoods[np.arange(len(columns)), columns].mean())

    found = minimize_scalar(loss, bounds=(-3, 3), method="bounded")
    return float(found.fun), float(np.exp(found.x))
