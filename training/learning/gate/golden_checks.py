"""The gate's questions about the frozen photos: what the champion can must not be lost."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind
from inference.model.head import Head
from training.evaluation.bootstrap import RESAMPLES, SEED
from training.evaluation.confidence import calibration_errors_of_rows
from training.learning.gate.gate_report import Check
from training.learning.gate.golden import Golden
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.gate.paired import ALPHA, Paired, by_chance, p_fall, right

FALL: Final = 0.05  # of a breed's expected recall, against the champion
MORE_ERROR: Final = 0.005  # of the ECE: less is nothing that anybody would notice
FALL_IN_ALL: Final = 0.1  # the same against the base: steps that are small each add up


def golden_check(name: str, who: str, before: Head, candidate: Head, golden: Golden) -> Check:
    pair = Paired.of(right(before, golden.photos), right(candidate, golden.photos))
    passed = pair.p_loss >= ALPHA
    sentence = (
        f"Of {pair.n:,} golden photos it has {pair.after:,} right and {who} {pair.before:,} "
        f"({pair.gained} gained, {pair.lost} lost); {pair.compared}."
    )
    return Check(name, passed, sentence, pair.numbers())


def breeds_check(name: str, who: str, before: Head, candidate: Head, golden: Golden, bound: float) -> Check:
    """The mean probability of the truth is the expected recall, and less noisy than counting a dozen photos.

    A fall must be larger than the bound, and too unlikely for even one of all breeds to show it by chance (Bonferroni).
    """
    watched = [part for part in (golden.photos, golden.replayed) if len(part)]
    labels = np.concatenate([part.labels for part in watched])
    fall = np.concatenate([truth_probability(before, part) - truth_probability(candidate, part) for part in watched])
    breeds = [breed for breed in before.labels if breed in set(labels.tolist())]
    falls = {breed: fall[labels == breed] for breed in breeds}
    means = {breed: float(one.mean()) for breed, one in falls.items()}
    worse = [breed for breed in breeds if means[breed] > bound and p_fall(falls[breed]) * len(breeds) <= ALPHA]
    worst = max(means, key=lambda breed: means[breed])
    named = sorted(worse, key=lambda breed: -means[breed])
    if named:
        listed = ", ".join(f"{breed} by {100 * means[breed]:.0f}" for breed in named[:5])
        sentence = (
            f"{len(named)} of {len(breeds)} labels are found less often than by {who} beyond chance: {listed} points."
        )
    else:
        sentence = (
            f"None of {len(breeds)} labels is found less often than by {who} by more than {100 * bound:.0f} points; "
            f"the worst is {worst}, {100 * max(means[worst], 0.0):.1f} points."
        )
    numbers = {
        "n": len(labels), "bound": bound, "worse": {breed: round(means[breed], 4) for breed in named}, "worst": worst,
        "worst_fall": round(means[worst], 4),
    }  # fmt: skip
    return Check(name, not named, sentence, numbers)


def calibration_check(champion: Head, candidate: Head, judging: LabelledRows) -> Check:
    dogs = judging.chosen(judging.labels != NOT_A_DOG)
    pair = [_confidence(head, dogs) for head in (champion, candidate)]
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(len(dogs), size=(RESAMPLES // 2, len(dogs)))
    everything = np.arange(len(dogs))[None]
    before, after = (float(_errors(*one, everything)[0]) for one in pair)
    falls = _errors(*pair[1], drawn) - _errors(*pair[0], drawn)
    p_worse = float((falls <= 0).mean())
    passed = p_worse >= ALPHA or after - before <= MORE_ERROR
    compared = by_chance(p_worse, worse=after - before > MORE_ERROR)
    sentence = (
        f"Its confidence is off by {100 * after:.1f} points on average (ECE on {len(dogs):,} golden photos of dogs "
        f"that set no temperature), the champion's by {100 * before:.1f}; {compared}."
    )
    numbers = {"n": len(dogs), "champion": round(before, 5), "candidate": round(after, 5), "p_loss": p_worse}
    return Check("calibration", passed, sentence, numbers)


def rejection_checks(champion: Head, candidate: Head, judging: LabelledRows) -> tuple[Check, Check]:
    others, dogs = (judging.chosen((judging.labels == NOT_A_DOG) == without) for without in (True, False))
    kept = Paired.of(_rejected(champion, others), _rejected(candidate, others))
    spared = Paired.of(~_rejected(champion, dogs), ~_rejected(candidate, dogs))
    sees = (
        f"Of {kept.n:,} golden photos without a dog it rejects {kept.after:,} and the champion {kept.before:,}; "
        f"{kept.compared}."
    )
    denies = (
        f"Of {spared.n:,} golden photos of dogs it rejects {spared.n - spared.after:,} and the champion "
        f"{spared.n - spared.before:,}; {spared.compared}."
    )
    return (
        Check("not_a_dog_rejected", kept.p_loss >= ALPHA, sees, kept.numbers()),
        Check("dogs_rejected", spared.p_loss >= ALPHA, denies, spared.numbers()),
    )


def _rejected(head: Head, photos: LabelledRows) -> NDArray[np.bool_]:
    return np.array([one.kind is Kind.NOT_A_DOG for one in head.predictions(photos.features)], np.bool_)


def truth_probability(head: Head, photos: LabelledRows) -> NDArray[np.float32]:
    """float32 [N]: calibrated probability of what the photo shows; 0 where the head has no name for it."""
    column = {label: place for place, label in enumerate(head.labels)}
    places = np.array([column.get(label, -1) for label in photos.labels.tolist()])
    found = head.probabilities(photos.features)[np.arange(len(places)), places]
    return np.where(places >= 0, found, np.float32(0))


def _confidence(head: Head, dogs: LabelledRows) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Of the likeliest breed, and whether it is right, by ascending confidence."""
    breeds = np.array([label != NOT_A_DOG for label in head.labels])
    probabilities = head.probabilities(dogs.features)[:, breeds]
    names = np.array(head.labels)[breeds]
    return probabilities.max(axis=1), names[probabilities.argmax(axis=1)] == dogs.labels


def _errors(confidence: NDArray[np.float32], hits: NDArray[np.bool_], rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """ECE float64 [R] of the photos in each row of intp [R, N]."""
    ordered = np.take_along_axis(rows, np.argsort(confidence[rows], axis=1), axis=1)
    return calibration_errors_of_rows(confidence[ordered], hits[ordered])
