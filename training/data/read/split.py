"""Seeded train, validation and test splits: stratified by breed, never tearing a group of near-duplicates apart.

Two ways: in exact shares, or by a hash, which stays as it is when photos come or go.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Collection, Sequence
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


def split_by_hash(
    photos: Sequence[LabelledPhoto],
    *,
    validation: float,
    test: float,
    seed: int,
    alike: Sequence[tuple[int, int]] = (),
    fresh: Collection[str] = (),
) -> Split:
    """Let a hash of its group's name say which part a photo is in: a photo that comes or goes moves no other.

    Each part gets about its share of each breed. A breed that a part lacks gives it the group that came nearest, if it
    has three.

    Args:
        photos: all photos.
        validation: share of the photos, 0–1.
        test: share of the photos, 0–1.
        seed: another seed, other parts.
        alike: rows of photos that show the same though their groups differ. Where they are in two parts, a training
            photo gives way to a validation or test photo, and a validation photo to a test photo: it is left out.
        fresh: groups that the weights to begin with were not trained on. A breed that has any holds back these and no
            others; a held-back photo that shows the same as one that was trained on before is left out.
    """
    by_breed: dict[str, set[str]] = defaultdict(set)
    breed_of: dict[str, str] = {}
    for photo in photos:
        by_breed[breed_of.setdefault(photo.group, photo.breed)].add(photo.group)
    place = {group: _place(f"{seed} {group}") for group in breed_of}
    learned = set[str]()
    for groups in by_breed.values():
        if known := groups.intersection(fresh):
            place |= {group: place[group] * (validation + test) for group in known}
            learned |= groups - known
    place |= dict.fromkeys(learned, 1.0)
    part = {group: 2 if at < test else 1 if at < test + validation else 0 for group, at in place.items()}
    for groups in by_breed.values():
        _fill(sorted(groups, key=lambda group: (place[group], group)), part)
    dealt = [part[photo.group] for photo in photos]
    left_out = set()
    for pair in alike:
        lower, higher = sorted(pair, key=dealt.__getitem__)
        if dealt[lower] != dealt[higher]:
            left_out.add(higher if photos[lower].group in learned else lower)
    parts: tuple[list[LabelledPhoto], ...] = ([], [], [])
    for row, photo in enumerate(photos):
        if row not in left_out:
            parts[dealt[row]].append(photo)
    return Split(*parts)


def _place(name: str) -> float:
    """0 ≤ place < 1."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6]) / 2**48


def _fill(groups: Sequence[str], part: dict[str, int]) -> None:
    """Give a part that lacks a breed one of its groups, which come in the order of their places."""
    if len(groups) < 3:
        part.update(dict.fromkeys(groups, 0))
        return
    for wanted, nearest in ((2, groups[0]), (0, groups[-1]), (1, groups[1])):
        if wanted not in {part[group] for group in groups}:
            part[nearest] = wanted


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
