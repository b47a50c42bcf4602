"""The gate's questions about the frozen photos: what the champion can must not be lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from training.learning.trust.confusion import shared_probability

FALL: Final = 0.03  # of a breed's expected recall, against the champion
MORE_ERROR: Final = 0.005  # of the ECE: less is nothing that anybody would notice
FALL_IN_ALL: Final = 0.04  # the same against the base: steps that are small each add up
FEWEST: Final = 5  # golden photos of a breed that say how far it fell; with fewer the exemplars say it, too
LOOK_ALIKES: Final = 0.05  # probability that two breeds share, from which on they are watched as a pair
CONFUSED: Final = 0.1  # …from which on each of them is watched alone, too: people can be made to believe the other


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

    A fall of the golden photos must be larger than the bound: the exemplars are replayed, and so fall less than photos
    that people will send. And it must be too unlikely, with the exemplars, for even one of all breeds to show it by
    chance (Bonferroni).
    """
    fallen = _Fall.of(before, candidate, golden)
    breeds = [breed for breed in before.labels if fallen.known(breed)]
    means = {breed: fallen.mean(breed) for breed in breeds}
    worse = [breed for breed in breeds if means[breed] > bound and fallen.p(breed) * len(breeds) <= ALPHA]
    worst = max(means, key=lambda breed: means[breed])
    named = sorted(worse, key=lambda breed: -means[breed])
    if named:
        listed = ", ".join(f"{breed} by {100 * means[breed]:.0f}" for breed in named[:5])
        sentence = (
            f"{len(named)} of {len(breeds)} labels are found less often than by {who} beyond chance: {listed} points."
        )
    else:
        sentence = (
            f"None of {len(breeds)} labels is found less often than by {who} by more than {100 * bound:.0f} points "
            f"beyond chance; the worst is {worst}, {100 * max(means[worst], 0.0):.1f} points."
        )
    numbers = {
        "n": len(fallen), "bound": bound, "worse": {breed: round(means[breed], 4) for breed in named}, "worst": worst,
        "worst_fall": round(means[worst], 4),
    }  # fmt: skip
    return Check(name, not named, sentence, numbers)


def pairs_check(
    name: str, who: str, before: Head, candidate: Head, golden: Golden, bound: float, *, each: bool = True
) -> Check:
    """Breeds that are taken for each other: what both lose to one another, together and each alone.

    Who swaps two names takes a little from each; together that is seen earlier, and from twice as many photos. Who
    turns one into the other takes from one alone, and among the few that are much alike a loss is beyond chance
    earlier than among all breeds (`each`; not against a champion that such claims may have taught: to unlearn them
    takes from the other one).
    """
    shared = shared_probability(before.probabilities(golden.photos.features), golden.photos.labels, before.labels)
    pairs = sorted({tuple(sorted(pair)) for pair, share in shared.items() if share >= LOOK_ALIKES})
    fallen = _Fall.of(before, candidate, golden)
    known = [(one, other) for one, other in pairs if fallen.known(one) and fallen.known(other)]
    alone = [(breed,) for breed in sorted({one for pair in known if each and shared[pair] >= CONFUSED for one in pair})]
    means = {breeds: fallen.mean(*breeds) for breeds in (*known, *alone)}
    worse = {
        "/".join(breeds): round(mean, 4)
        for breeds, mean in sorted(means.items(), key=lambda item: -item[1])
        if mean > bound and fallen.p(*breeds) * len(known if len(breeds) > 1 else alone) <= ALPHA
    }
    most = max(means.values(), default=0.0)
    listed = ", ".join(f"{breeds} by {100 * fall:.0f}" for breeds, fall in list(worse.items())[:5])
    sentence = (
        f"Breeds that are taken for each other are told apart worse than by {who} beyond chance: {listed} points."
        if worse
        else f"None of {len(known)} pairs of look-alikes{', together or each breed alone,' if alone else ''} "
        f"is told apart worse than by {who} by more than {100 * bound:.0f} points beyond chance; the worst lost "
        f"{100 * max(most, 0.0):.1f}."
    )
    return Check(name, not worse, sentence, {"n": len(fallen), "bound": bound, "pairs": len(known), "worse": worse})


@dataclass(frozen=True)
class _Fall:
    """By how much the probability of the truth fell, by breed: of golden photos, and of exemplars."""

    golden: Mapping[str, NDArray[np.float32]]
    replayed: Mapping[str, NDArray[np.float32]]

    @classmethod
    def of(cls, before: Head, candidate: Head, golden: Golden) -> "_Fall":
        parts: list[dict[str, NDArray[np.float32]]] = []
        for part in (golden.photos, golden.replayed):
            fell = truth_probability(before, part) - truth_probability(candidate, part)
            parts.append({str(breed): fell[part.labels == breed] for breed in np.unique(part.labels)})
        return cls(*parts)

    def __len__(self) -> int:
        return sum(len(fell) for part in (self.golden, self.replayed) for fell in part.values())

    def known(self, breed: str) -> bool:
        return breed in self.golden or breed in self.replayed

    def mean(self, *breeds: str) -> float:
        golden = self._of((self.golden,), breeds)
        return float(np.mean(golden if len(golden) >= FEWEST else self._of((self.golden, self.replayed), breeds)))

    def p(self, *breeds: str) -> float:
        return p_fall(self._of((self.golden, self.replayed), breeds))

    def _of(self, parts: Sequence[Mapping[str, NDArray[np.float32]]], breeds: Sequence[str]) -> NDArray[np.float32]:
        found = [part[breed] for part in parts for breed in breeds if breed in part]
        return np.concatenate(found) if found else np.zeros(0, np.float32)


def calibration_check(name: str, who: str, champion: Head, candidate: Head, judging: LabelledRows) -> Check:
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
        f"that set no temperature), that of {who} by {100 * before:.1f}; {compared}."
    )
    numbers = {"n": len(dogs), "champion": round(before, 5), "candidate": round(after, 5), "p_loss": p_worse}
    return Check(name, passed, sentence, numbers)


def rejection_checks(since: str, who: str, before: Head, candidate: Head, judging: LabelledRows) -> list[Check]:
    """What is rejected, and how often a dog is answered with "unsure". `since` ends the names of the checks."""
    others, dogs = (judging.chosen((judging.labels == NOT_A_DOG) == without) for without in (True, False))
    kinds = [(_kinds(before, some), _kinds(candidate, some)) for some in (others, dogs)]
    kept = Paired.of(*(kind == Kind.NOT_A_DOG for kind in kinds[0]))
    spared = Paired.of(*(kind != Kind.NOT_A_DOG for kind in kinds[1]))
    named = Paired.of(*(kind != Kind.UNSURE for kind in kinds[1]))
    sees = (
        f"Of {kept.n:,} golden photos without a dog it rejects {kept.after:,} and {who} {kept.before:,}; "
        f"{kept.compared}."
    )
    denies = (
        f"Of {spared.n:,} golden photos of dogs it rejects {spared.n - spared.after:,} and {who} "
        f"{spared.n - spared.before:,}; {spared.compared}."
    )
    doubts = (
        f"Of {named.n:,} golden photos of dogs it is unsure about {named.n - named.after:,} and {who} about "
        f"{named.n - named.before:,}; {named.compared}."
    )
    return [
        Check(f"not_a_dog_rejected{since}", kept.p_loss >= ALPHA, sees, kept.numbers()),
        Check(f"dogs_rejected{since}", spared.p_loss >= ALPHA, denies, spared.numbers()),
        Check(f"unsure{since}", named.p_loss >= ALPHA, doubts, named.numbers()),
    ]


def _kinds(head: Head, photos: LabelledRows) -> NDArray[np.str_]:
    return np.array([one.kind.value for one in head.predictions(photos.features)], np.str_)


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
