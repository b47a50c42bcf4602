"""Seeded train, validation and test splits: stratified by breed, never tearing a group of near-duplicates apart."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from training.data.read.labelled_photo import LabelledPhoto


@dataclass(frozen=True, slots=True)
class Split:
    """Three disjoint parts of a data set."""

    train: list[LabelledPhoto]
    validation: list[LabelledPhoto]
    test: list[LabelledPhoto]


def split_by_group(photos: Sequence[LabelledPhoto], *, validation: float, test: float, seed: int) -> Split:
    """Give each part its share of each breed, and one group at least where a breed has enough of them.

    A breed of a single group is trained on: a head cannot answer with a breed that it never saw. A group that holds
    several breeds (a label error, or two dogs) goes where its first breed's turn puts it.

    Args:
        photos: all photos.
        validation: share of the photos, 0–1.
        test: share of the photos, 0–1.
        seed: the same seed and photos give the same split.
    """
    groups: dict[str, list[LabelledPhoto]] = defaultdict(list)
    for photo in photos:
        groups[photo.group].append(photo)
    by_breed: dict[str, list[list[LabelledPhoto]]] = defaultdict(list)
    for members in groups.values():
        by_breed[members[0].breed].append(members)
    parts = Split([], [], [])
    for breed in sorted(by_breed):
        _deal(by_breed[breed], parts, validation, test, random.Random(f"{seed} {breed}"))  # noqa: S311 (not a secret)
    return parts


def _deal(groups: list[list[LabelledPhoto]], parts: Split, validation: float, test: float, rng: random.Random) -> None:
    rng.shuffle(groups)
    total = sum(map(len, groups))
    hands: tuple[list[list[LabelledPhoto]], ...] = ([], [], [])
    in_train, in_validation, in_test = hands
    dealt = 0
    for members in groups:
        if dealt < round(test * total):
            in_test.append(members)
        elif dealt < round((test + validation) * total):
            in_validation.append(members)
        else:
            in_train.append(members)
        dealt += len(members)
    for hand, share in zip(hands, (1 - validation - test, validation, test), strict=True):
        richest = max(hands, key=len)
        if not hand and share > 0 and (len(richest) > 1 or hand is in_train):
            hand.append(richest.pop())
    for part, hand in zip((parts.train, parts.validation, parts.test), hands, strict=True):
        part.extend(photo for members in hand for photo in members)
