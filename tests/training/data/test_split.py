"""Splits are disjoint by group, seeded, and give every breed its share of every part."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.read.dataset import LabelledPhoto
from training.data.read.split import Split, split_by_group, split_by_hash

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


@pytest.mark.slow
@given(groups=GROUPS, gone=st.sets(st.integers(0, 200)), seed=st.integers(0, 999))
def test_a_photo_that_comes_or_goes_moves_no_other(groups: list[tuple[str, int]], gone: set[int], seed: int) -> None:
    many = [LabelledPhoto(Path(f"pug/{number}.jpg"), "pug", f"other {number}") for number in range(300)]
    photos = [*photos_of(groups), *many]
    fewer = [photo for row, photo in enumerate(photos) if row not in gone or photo.breed != "pug"]

    before, after = (split_by_hash(some, validation=0.2, test=0.1, seed=seed) for some in (photos, fewer))

    for one, other in zip(parts(before), parts(after), strict=True):
        assert {photo for photo in one if photo in fewer} == set(other)


@given(groups=GROUPS, seed=st.integers(0, 999))
def test_a_hash_keeps_groups_together_and_gives_every_part_of_three_groups_its_share(
    groups: list[tuple[str, int]], seed: int
) -> None:
    photos = photos_of(groups)

    split = split_by_hash(photos, validation=0.2, test=0.2, seed=seed)

    assert sorted(photo.path for part in parts(split) for photo in part) == sorted(photo.path for photo in photos)
    seen = [{photo.group for photo in part} for part in parts(split)]
    assert sum(map(len, seen)) == len(set().union(*seen))
    for breed, count in Counter(breed for breed, _ in groups).items():
        in_parts = [any(photo.breed == breed for photo in part) for part in parts(split)]
        assert in_parts == ([True] * 3 if count >= 3 else [True, False, False])


def test_a_hash_deals_about_the_shares_asked_for() -> None:
    split = split_by_hash(photos_of([("pug", 1)] * 4000), validation=0.2, test=0.1, seed=1)

    assert [len(part) for part in parts(split)] == pytest.approx([2800, 800, 400], rel=0.1)


def test_of_a_breed_that_the_first_weights_know_only_fresh_photos_are_held_back() -> None:
    photos = photos_of([("pug", 1)] * 300 + [("borzoi", 1)] * 300)
    fresh = {photo.group for photo in photos[:60]}
    learned, fresher = photos[100], photos[0]

    split = split_by_hash(photos, validation=0.1, test=0.1, seed=1, fresh=fresh)
    leaking = split_by_hash(photos, validation=0.1, test=0.1, seed=1, fresh=fresh, alike=[(0, 100)])

    pugs = [[photo for photo in part if photo.breed == "pug"] for part in parts(split)]
    assert {photo.group for photo in pugs[1] + pugs[2]} == fresh
    assert len(pugs[1]) == pytest.approx(30, abs=12)
    assert sum(photo.breed == "borzoi" for photo in split.test) == pytest.approx(30, abs=15)
    assert learned in leaking.train
    assert fresher not in leaking.test + leaking.validation


def test_a_photo_that_shows_what_a_test_photo_shows_is_left_out_of_training() -> None:
    photos = photos_of([("pug", 1)] * 100)
    whole = split_by_hash(photos, validation=0.2, test=0.2, seed=1)
    rows = [photos.index(part[0]) for part in parts(whole)]

    split = split_by_hash(
        photos, validation=0.2, test=0.2, seed=1, alike=[(rows[0], rows[2]), (rows[2], rows[1]), (0, 0)]
    )

    assert split == Split(whole.train[1:], whole.validation[1:], whole.test)
