"""How well a model looks at photos: `breedbot bench look`."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from rich.table import Table

from core.prediction import Kind, Prediction
from inference.look.second_look import SecondLook
from inference.look.together import Looked, OpenPhoto, look
from inference.model.classifier import Classifier
from training.data.read.labelled_photo import LabelledPhoto
from training.evaluation.look.scenes import Made, Scene, scenes
from training.evaluation.metrics import TOLD_AS_CERTAIN, Share

KINDS = tuple(Scene)


@dataclass(frozen=True, slots=True)
class Seen:
    """One made photo and what was seen in it."""

    breeds: tuple[str, ...]
    first: Prediction
    dogs: tuple[Prediction, ...]
    passes: float

    @property
    def named(self) -> list[str]:
        """The best breed of each dog."""
        return [dog.top[0].breed for dog in self.dogs if dog.kind is not Kind.NOT_A_DOG]

    @property
    def surest(self) -> Prediction:
        """The dog that the answer begins with."""
        return max(self.dogs, key=lambda dog: dog.top[0].confidence)


@dataclass(frozen=True, slots=True)
class LookReport:
    """What was measured, by kind of photo: shares with their intervals, and passes."""

    model: str
    shares: dict[Scene, dict[str, Share]]
    passes: dict[Scene, float]
    twice: dict[Scene, float]

    def to_json(self) -> dict[str, Any]:
        """`bench look --json`."""
        return {
            "model": self.model,
            "scenes": {
                kind.value: {name: asdict(share) for name, share in shares.items()}
                | {"passes": round(self.passes[kind], 2), "passes_where_twice": round(self.twice[kind], 2)}
                for kind, shares in self.shares.items()
            },
        }


def measure_look(
    classifier: Classifier,
    second: SecondLook | None,
    photos: Sequence[LabelledPhoto],
    count: int,
    seed: int,
    kinds: Sequence[Scene] = KINDS,
    progress: Callable[[float], None] = lambda _: None,
) -> LookReport:
    """Make up to `count` photos of each kind out of labelled ones, look at them and compare; the seed decides which.

    Raises:
        PhotoError: one of them cannot be read.
    """
    shares: dict[Scene, dict[str, Share]] = {}
    passes: dict[Scene, float] = {}
    twice: dict[Scene, float] = {}
    for done, kind in enumerate(kinds):
        seen = []
        for number, made in enumerate(scenes(kind, photos, count, seed)):
            seen.append(_seen(classifier, second, made))
            progress((done + number / count) / len(kinds))
        shares[kind] = shares_of(kind, seen)
        costs = [one.passes for one in seen]
        passes[kind] = float(np.mean(costs)) if costs else 0.0
        again = [cost for cost in costs if cost > min(costs)]
        twice[kind] = float(np.mean(again)) if again else 0.0
    return LookReport(classifier.model_id, shares, passes, twice)


def shares_of(kind: Scene, seen: Sequence[Seen]) -> dict[str, Share]:
    """The numbers that a kind of photo tells, by name."""
    return {name: Share.of(np.array([is_so(one) for one in seen], np.bool_)) for name, is_so in _TOLD[kind].items()}


def report_table(report: LookReport) -> Table:
    """The same for people."""
    table = Table("photos", "", "share", "95 %", "n", "passes", box=None, title=report.model, title_justify="left")
    for kind, shares in report.shares.items():
        for place, (name, share) in enumerate(shares.items()):
            interval = f"{share.low:.3f}–{share.high:.3f}"
            first = (kind.value, f"{report.passes[kind]:.1f}") if place == 0 else ("", "")
            table.add_row(first[0], name, f"{share.value:.3f}", interval, str(share.n), first[1])
    return table


def _seen(classifier: Classifier, second: SecondLook | None, made: Made) -> Seen:
    looked: Looked = look(classifier, [OpenPhoto.of_image(made.photo, classifier.preprocessing)], second)[0]
    return Seen(made.breeds, looked.first, looked.predictions, looked.passes)


def _is_right(one: Seen) -> bool:
    return one.surest.kind is not Kind.NOT_A_DOG and one.surest.top[0].breed == one.breeds[0]


def _first_is_right(one: Seen) -> bool:
    return one.first.kind is not Kind.NOT_A_DOG and one.first.top[0].breed == one.breeds[0]


def _is_surely_wrong(one: Seen) -> bool:
    return any(
        dog.kind is Kind.BREED and dog.top[0].confidence >= TOLD_AS_CERTAIN and dog.top[0].breed not in one.breeds
        for dog in one.dogs
    )


_Told = dict[str, Callable[[Seen], bool]]
_ONE_DOG: _Told = {
    "right": _is_right,
    "right at first look": _first_is_right,
    "no dog": lambda one: not one.named,
    "several dogs": lambda one: len(one.named) > 1,
    "surely wrong": _is_surely_wrong,
}
_TOLD: dict[Scene, _Told] = dict.fromkeys((Scene.ORDINARY, Scene.SMALL, Scene.TURNED), _ONE_DOG) | {
    Scene.TINY: _ONE_DOG | {"99 % sure": lambda one: one.surest.top[0].confidence >= 0.99},
    Scene.NOT_A_DOG: {
        "rejected": lambda one: not one.named,
        "rejected at first look": lambda one: one.first.kind is Kind.NOT_A_DOG,
    },
    Scene.PAIR: {
        "both named": lambda one: set(one.breeds) <= set(one.named),
        "one named": lambda one: bool(set(one.breeds) & set(one.named)),
        "surely wrong": _is_surely_wrong,
        "no dog": lambda one: not one.named,
    },
    Scene.COLLAGE: {
        "all named": lambda one: set(one.breeds) <= set(one.named),
        "three or more named": lambda one: len(set(one.breeds) & set(one.named)) > 2,
        "one dog": lambda one: len(one.named) == 1,
        "surely wrong": _is_surely_wrong,
        "no dog": lambda one: not one.named,
    },
    Scene.ALIKE: {
        "two dogs": lambda one: one.named.count(one.breeds[0]) > 1,
        "right": _is_right,
        "other breeds": lambda one: len(set(one.named)) > 1,
    },
}
