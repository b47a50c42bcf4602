"""Breeds that are taken for another one by whoever was never shown them: an Akita for a Shiba Inu.

`doubles.json` was written from the breed standards, by somebody who saw neither photos nor answers of a model
(docs/decisions/0026-doubles.md): for each breed that the model that ships does not know those that it does know and
that it is taken for, in all but rare photos (3) or very probably (2); and how common each breed is among the dogs that
people have: everywhere (4), often seen, uncommon, rare, hardly ever outside its country (0).
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

TAKEN_FOR: Final = {3: 1.0, 2: 0.3}  # the share of a breed's photos, by likeness
A_STEP: Final = 3.0  # how many times as many dogs there are of a breed that is one step more common
NAMED_FROM, NAMED = 0.25, 2  # doubles to one dog of the breed, from which one is worth naming; and how many at most


def doubles(breed: str) -> list[str]:
    """The breeds that are most often taken for this one: two at most, the most frequent first."""
    often = {other: odds for other, odds in _shipped().get(breed, {}).items() if odds >= NAMED_FROM}
    return sorted(often, key=lambda other: -often[other])[:NAMED]


def doubles_of_labels(labels: Sequence[str]) -> tuple[float, ...]:
    """Of each label: to one dog of that breed, how many dogs of breeds without a label are taken for it."""
    known = frozenset(labels)
    return tuple(
        sum(odds for other, odds in _shipped().get(label, {}).items() if other not in known) for label in labels
    )


@cache
def _shipped() -> Mapping[str, Mapping[str, float]]:
    """By the breed that is named, the breeds that are meant, and how many dogs there are of each to one of it."""
    told: dict[str, Any] = json.loads(resources.files("core.breeds").joinpath("doubles.json").read_text("utf-8"))
    common: dict[str, int] = told["common"]
    taken: dict[str, dict[str, float]] = {}
    for other, alike in told["doubles"].items():
        for breed, likeness in alike.items():
            odds = TAKEN_FOR[likeness] * A_STEP ** (common[other] - common[breed])
            taken.setdefault(breed, {})[other] = odds
    return taken
