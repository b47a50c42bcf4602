"""Two models on the same photos, pair by pair: `breedbot models compare A B`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from scipy.stats import binomtest

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind, Prediction
from training.evaluation.bootstrap import Interval, bootstrap, percentile_interval

SHOWN = 8  # breeds whose photos changed most


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the same photos say of both.

    Attributes:
        first, second: model ids.
        photos: where the photos come from, in words.
        n: photos.
        first_right, second_right: that each names rightly.
        only_first, only_second: that the other one does not.
        difference: of the shares of right answers, second less first; `interval`: 95 %, by resampling the photos.
        p: two-sided, of so uneven a split of the photos that only one has right (McNemar 1947, the exact test).
        breeds: truth → photos, first right, second right; those with the largest differences first.
        unknown: breeds among the photos that a model has no name for, by model id.
    """

    first: str
    second: str
    photos: str
    n: int
    first_right: int
    second_right: int
    only_first: int
    only_second: int
    difference: float
    interval: Interval
    p: float
    breeds: dict[str, tuple[int, int, int]]
    unknown: dict[str, list[str]]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        shares = {"first_top1": self.first_right / self.n, "second_top1": self.second_right / self.n}
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in {"breeds", "interval"}}
        breeds = {name: dict(zip(("n", "first", "second"), some, strict=True)) for name, some in self.breeds.items()}
        return fields | shares | {"difference_interval": list(self.interval), "breeds": breeds}


def compare(
    models: tuple[str, str],
    labels: tuple[Sequence[str], Sequence[str]],
    truth: Sequence[str],
    said: tuple[Sequence[str], Sequence[str]],
    photos: str,
) -> Comparison:
    """From the best label of each photo by each model; at least one photo."""
    wanted = np.asarray(truth)
    first, second = (np.asarray(some) == wanted for some in said)
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    gain = second.astype(float) - first.astype(float)
    differing = only_first + only_second
    return Comparison(
        *models,
        photos,
        len(wanted),
        int(first.sum()),
        int(second.sum()),
        only_first,
        only_second,
        float(gain.mean()),
        percentile_interval(bootstrap(lambda rows: gain[rows].mean(axis=1), len(gain))),
        float(binomtest(only_second, differing).pvalue) if differing else 1.0,
        _by_breed(wanted, first, second),
        {model: sorted(set(truth) - set(known)) for model, known in zip(models, labels, strict=True)},
    )


def best_labels(predictions: Sequence[Prediction]) -> list[str]:
    """What each says: a breed, or `not_a_dog`."""
    return [NOT_A_DOG if one.kind is Kind.NOT_A_DOG else one.top[0].breed for one in predictions]


def comparison_table(found: Comparison) -> Table:
    """For people."""
    title = f"{found.second} against {found.first}, {found.n} {found.photos}"
    table = Table("", found.first, found.second, "difference", box=None, title=title, title_justify="left")
    low, high = (f"{100 * value:+.1f}" for value in found.interval)
    shares = [f"{right / found.n:.3f}" for right in (found.first_right, found.second_right)]
    table.add_row("right", *shares, f"{100 * found.difference:+.1f} points ({low} to {high})")
    table.add_row("right alone", str(found.only_first), str(found.only_second), f"p = {found.p:.2g}")
    for breed, (n, first, second) in list(found.breeds.items())[:SHOWN]:
        if first != second:
            table.add_row(f"{breed} ({n})", str(first), str(second), f"{second - first:+d}")
    return table


def _by_breed(
    truth: NDArray[np.str_], first: NDArray[np.bool_], second: NDArray[np.bool_]
) -> dict[str, tuple[int, int, int]]:
    found = {}
    for breed in np.unique(truth):
        theirs = truth == breed
        found[str(breed)] = (int(theirs.sum()), int(first[theirs].sum()), int(second[theirs].sum()))
    return dict(sorted(found.items(), key=lambda one: (-abs(one[1][2] - one[1][1]), one[0])))
