"""Splits are disjoint by group, seeded, and give every breed its share of every part."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.read.dataset import LabelledPhoto
from training.data.read.split import Split, split_by_group

SHARES = st.sampled_from([0.1, 0.15, 0.2, 0.25])
GROUPS = st.lists(st.tuples(st.sampled_from(["beagle", "borzoi", "pug"]), st.integers(1, 4)), min_size=1, max_size=60)


def photos_of(groups: list[tuple[str, int]]) -> list[LabelledPhoto]:
    return [
        LabelledPhoto(Path(f"{breed}/{number}-{copy}.jpg"), breed, f"group {number}")
        for number, (breed, size) in enumerate(groups)
        for copy in range(size)
    ]


def parts(split: Split) -> tuple[list[LabelledPhoto], ...]:
    return split.train, split.validation, split.test


@given(groups=GROUPS, validation=SHARES, test=SHARES, seed=st.integers(0, 999))
def test_every_photo_is_in_one_part_beside_all_of_its_group(
    groups: list[tuple[str, int]], validation: float, test: float, seed: int
) -> None:
    photos = photos_of(groups)

    split = split_by_group(photos, validation=validation, test=test, seed=seed)

    assert sorted(photo.path for part in parts(split) for photo in part) == sorted(photo.path for photo in photos)
    seen = [{photo.group for photo in part} for part in parts(split)]
    assert sum(map(len, seen)) == len(set().union(*seen))


@given(groups=GROUPS, validation=SHARES, test=SHARES, seed=st.integers(0, 999))
def test_every_breed_is_trained_on_and_is_everywhere_if_it_has_the_groups(
    groups: list[tuple[str, int]], validation: float, test: float, seed: int
) -> None:
    split = split_by_group(photos_of(groups), validation=validation, test=test, seed=seed)

    train, held_back, held_out = ({photo.breed for photo in part} for part in parts(split))
    for breed, count in Counter(breed for breed, _ in groups).items():
        assert breed in train
        if count >= 3:
            assert breed in held_back
            assert breed in held_out


@given(count=st.integers(10, 200), validation=SHARES, test=SHARES, seed=st.integers(0, 999))
def test_shares_are_met_to_a_photo_where_no_two_photos_belong_together(
    count: int, validation: float, test: float, seed: int
) -> None:
    split = split_by_group(photos_of([("pug", 1)] * count), validation=validation, test=test, seed=seed)

    assert abs(len(split.test) - test * count) <= 1
    assert abs(len(split.validation) - validation * count) <= 1


@given(groups=GROUPS, seed=st.integers(0, 999))
def test_the_same_seed_gives_the_same_split_and_another_breed_changes_nothing(
    groups: list[tuple[str, int]], seed: int
) -> None:
    photos = photos_of(groups)
    one = split_by_group(photos, validation=0.2, test=0.2, seed=seed)

    others = [LabelledPhoto(Path(f"whippet/{number}.jpg"), "whippet", f"whippet {number}") for number in range(9)]
    two = split_by_group([*photos, *others], validation=0.2, test=0.2, seed=seed)

    assert split_by_group(photos, validation=0.2, test=0.2, seed=seed) == one
    for before, after in zip(parts(one), parts(two), strict=True):
        assert [photo for photo in after if photo.breed != "whippet"] == before


@given(sizes=st.lists(st.integers(1, 4), min_size=30, max_size=80), seed=st.integers(0, 999))
def test_the_studys_shares_are_met_to_a_group_where_photos_repeat(sizes: list[int], seed: int) -> None:
    photos = photos_of([("pug", size) for size in sizes])

    split = split_by_group(photos, validation=0.15, test=0.1, seed=seed)

    shares = [len(part) / len(photos) for part in parts(split)]
    assert shares == pytest.approx([0.75, 0.15, 0.1], abs=max(sizes) / len(photos))


def test_another_seed_gives_another_split() -> None:
    photos = photos_of([("pug", 1)] * 50)

    tests = {tuple(split_by_group(photos, validation=0.2, test=0.2, seed=seed).test) for seed in range(5)}

    assert len(tests) == 5


def test_a_group_of_two_breeds_stays_whole() -> None:
    photos = photos_of([("pug", 1), ("beagle", 1)] * 20)
    mixed = [LabelledPhoto(photo.path, photo.breed, str(number // 2)) for number, photo in enumerate(photos)]

    split = split_by_group(mixed, validation=0.2, test=0.2, seed=1)

    together = defaultdict(set)
    for name, part in zip("abc", parts(split), strict=True):
        for photo in part:
            together[photo.group].add(name)
    assert all(len(names) == 1 for names in together.values())
