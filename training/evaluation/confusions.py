"""Which breeds are taken for which, and in what order look-alikes stand side by side."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from training.evaluation.answers import Answers


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Two breeds that are taken for one another.

    Attributes:
        breeds: their slugs, the more often mistaken one first.
        mistaken: photos of the first taken for the second, and of the second taken for the first.
        photos: photos of the first, and of the second.
    """

    breeds: tuple[str, str]
    mistaken: tuple[int, int]
    photos: tuple[int, int]

    @property
    def errors(self) -> int:
        """In both directions."""
        return sum(self.mistaken)


def confused_pairs(answers: Answers) -> list[ConfusedPair]:
    """Every pair of breeds with an error between them, most errors first; rejections aside."""
    wrong = answers.dogs & ~answers.right
    mistaken = Counter(zip(answers.truth[wrong].tolist(), answers.best[wrong].tolist(), strict=True))
    photos = Counter(answers.truth.tolist())
    ordered = {(min(pair), max(pair)) for pair in mistaken}
    pairs = []
    for one, two in ordered:
        first, second = (one, two) if mistaken[one, two] >= mistaken[two, one] else (two, one)
        counts = mistaken[first, second], mistaken[second, first]
        pairs.append(ConfusedPair((first, second), counts, (photos[first], photos[second])))
    return sorted(pairs, key=lambda pair: (-pair.errors, pair.breeds))


def taken_for(answers: Answers) -> dict[str, tuple[str, int]]:
    """What each breed is most often mistaken for, and how often; breeds without errors are left out."""
    wrong = answers.dogs & ~answers.right
    mistaken = Counter(zip(answers.truth[wrong].tolist(), answers.best[wrong].tolist(), strict=True))
    result: dict[str, tuple[str, int]] = {}
    for (truth, best), count in sorted(mistaken.items(), key=lambda item: (-item[1], item[0])):
        result.setdefault(truth, (best, count))
    return result


def confusion(truth: NDArray[np.str_], answers: NDArray[np.str_]) -> tuple[list[str], NDArray[np.intp]]:
    """Count answers by truth: labels, breeds in order and `not_a_dog` last, and counts intp [truth, answer]."""
    labels = sorted(set(truth.tolist()) | set(answers.tolist()), key=lambda label: (label == NOT_A_DOG, label))
    place = {label: row for row, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.intp)
    np.add.at(counts, ([place[label] for label in truth], [place[label] for label in answers]), 1)
    return labels, counts


def look_alike_order(answers: Answers, labels: Sequence[str]) -> list[int]:
    """An order of ``labels`` in which breeds that the model finds alike are neighbours; `not_a_dog` stays last.

    Alike are breeds that share probability on each other's photos: errors alone are too few to tell. Leaves of an
    average linkage in their best order (Bar-Joseph et al. 2001, https://doi.org/10.1093/bioinformatics/17.suppl_1.S22).
    """
    from scipy.cluster.hierarchy import leaves_list, linkage  # noqa: PLC0415 (an extra, and slow to import)
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    breeds = [number for number, label in enumerate(labels) if label != NOT_A_DOG]
    others = [number for number, label in enumerate(labels) if label == NOT_A_DOG]
    if len(breeds) < 3:
        return breeds + others
    shared = _shared_probability(answers, [labels[number] for number in breeds])
    distance = -np.log(np.maximum(shared + shared.T, 1e-6))
    distance -= distance.min()
    np.fill_diagonal(distance, 0)
    leaves = leaves_list(linkage(squareform(distance, checks=False), "average", optimal_ordering=True))
    return [breeds[leaf] for leaf in leaves] + others


def _shared_probability(answers: Answers, breeds: Sequence[str]) -> NDArray[np.float64]:
    """Mean probability float64 [truth, breed] over the photos of each breed."""
    place = {breed: row for row, breed in enumerate(breeds)}
    total, photos = np.zeros((len(breeds), len(breeds))), np.zeros(len(breeds))
    for truth, ranked, confidence in zip(answers.truth, answers.ranked, answers.confidence, strict=True):
        if (row := place.get(str(truth))) is None:
            continue
        photos[row] += 1
        for breed, probability in zip(ranked, confidence, strict=True):
            if (column := place.get(str(breed))) is not None:
                total[row, column] += probability
    return total / np.maximum(photos, 1)[:, None]
