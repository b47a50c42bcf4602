"""Photos of one dog become one better answer, and those of different dogs never do."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.prediction import BreedScore, Kind
from inference.model.fusion import Fusion, Seen, agree

RNG = np.random.default_rng(7)
REX, BELLA = (RNG.random(2048) for _ in range(2))
MANY = Fusion(breeds=83)


@dataclass(frozen=True)
class Photo:
    top: tuple[BreedScore, ...]
    kind: Kind = Kind.BREED
    not_a_dog: float = 0.001
    features: bytes = b""


def photo(dog: object, *top: tuple[str, float], kind: Kind = Kind.BREED) -> Photo:
    """Another photo of a dog: nearly the same features."""
    seen = np.asarray(dog) + 0.05 * RNG.random(2048)
    return Photo(tuple(BreedScore(*score) for score in top), kind, features=seen.astype("<f2").tobytes())


def sure(dog: object = REX, breed: str = "beagle", share: float = 0.9) -> Photo:
    return photo(dog, (breed, share), ("basset_hound", 0.05), ("bloodhound", 0.02), ("boxer", 0.01), ("pug", 0.005))


def torn(dog: object = REX) -> Photo:
    return photo(
        dog, ("basset_hound", 0.45), ("beagle", 0.4), ("bloodhound", 0.05), ("boxer", 0.02), ("pug", 0.01),
        kind=Kind.UNSURE,
    )  # fmt: skip


NO_DOG = Photo((BreedScore("beagle", 0.02), BreedScore("pug", 0.01)), Kind.NOT_A_DOG, 0.95)


def test_one_breed_in_two_photos_that_look_alike_is_one_dog() -> None:
    assert agree(sure(), sure(share=0.6))


def test_a_photo_torn_between_few_agrees_with_one_that_names_one_of_them() -> None:
    assert agree(torn(), sure())
    assert agree(sure(), torn())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (sure(), sure(breed="boxer")),  # both sure of something else
        (torn(), sure(breed="boxer")),  # not what it is torn between
        (sure(), NO_DOG),
        (NO_DOG, NO_DOG),
    ],
)
def test_different_breeds_and_photos_without_a_dog_do_not_agree(one: Seen, other: Seen) -> None:
    assert not agree(one, other)


def test_photos_that_do_not_look_alike_do_not_agree() -> None:
    far = np.where(np.arange(2048) % 2, 1.0, 0.0)

    assert not agree(sure(far), sure(1.0 - far))


def test_photos_whose_features_were_erased_do_not_agree() -> None:
    erased = Photo(sure().top)

    assert not agree(erased, erased)


def test_two_photos_are_surer_than_the_less_sure_one_and_settle_what_it_was_torn_between() -> None:
    together = Fusion(83, unsure_below=0.5).fuse([sure(), torn()])

    assert together.kind is Kind.BREED
    assert together.top[0][0] == "beagle"
    assert together.top[0][1] > 0.6
    assert sum(share for _, share in together.top) + together.not_a_dog <= 1


def test_the_geometric_mean_is_what_is_meant() -> None:
    first = photo(REX, ("beagle", 0.8), ("pug", 0.2))
    second = photo(REX, ("beagle", 0.2), ("pug", 0.8))

    together = dict(MANY.fuse([first, second]).top)

    assert together["beagle"] == pytest.approx(together["pug"])


@pytest.mark.parametrize("breeds", [3, 6, 150])
def test_what_the_best_five_leave_is_shared_by_as_many_breeds_as_the_head_knows(breeds: int) -> None:
    names = [f"breed_{number}" for number in range(breeds)]
    photos, logs = [], []
    for first in (0, breeds - 1):  # of six, each names one breed that the other leaves out
        shares = np.full(breeds, 0.02 / breeds)
        shares[first] += 0.97
        logs.append(np.log([*shares, 0.01]))
        ranked = sorted(zip(names, shares.tolist(), strict=True), key=lambda one: -one[1])
        photos.append(Photo(tuple(BreedScore(*one) for one in ranked[:5]), not_a_dog=0.01))
    exact = np.exp(np.mean(logs, axis=0))
    exact /= exact.sum()

    together = Fusion(breeds).fuse(photos)

    expected = dict(zip(names, exact.tolist(), strict=False))
    assert dict(together.top) == pytest.approx({breed: expected[breed] for breed, _ in together.top}, abs=1e-6)
    assert together.not_a_dog == pytest.approx(exact[-1], abs=1e-6)


def test_where_the_head_is_not_known_no_breed_gets_more_than_the_last_of_the_five() -> None:
    one, other = sure(), photo(REX, ("boxer", 0.9), ("saluki", 0.05))

    together = dict(Fusion(breeds=0).fuse([one, other]).top)

    assert together["saluki"] < together["boxer"]
    assert sum(together.values()) <= 1


def test_two_photos_of_a_dog_that_may_be_of_an_unknown_breed_do_not_make_it_sure() -> None:
    others = [("pug", 0.0002), ("boxer", 0.0001), ("saluki", 0.0001), ("borzoi", 0.0001)]
    untypical, typical = photo(REX, ("beagle", 0.84), *others), photo(REX, ("beagle", 0.99), *others)

    assert MANY.fuse([untypical, untypical]).top[0][1] == pytest.approx(0.84, abs=0.01)
    assert MANY.fuse([untypical, typical]).top[0][1] > 0.95


def test_one_photo_says_what_it_said() -> None:
    one = torn()

    assert MANY.fuse([one]).top == one.top
    assert MANY.fuse([one]).kind is Kind.UNSURE


def test_a_mean_below_the_threshold_is_unsure() -> None:
    assert Fusion(83, unsure_below=0.9).fuse([torn(), torn()]).kind is Kind.UNSURE
    assert MANY.fuse([sure(), sure()]).kind is Kind.BREED


def test_the_photos_of_an_album_fall_apart_into_dogs() -> None:
    photos = [sure(), NO_DOG, sure(BELLA, "boxer"), torn(), sure(share=0.7)]

    assert MANY.dogs(photos) == [[0, 3, 4], [2]]


def test_the_surest_photo_that_names_the_breed_speaks_for_all() -> None:
    assert MANY.lead([torn(), sure(share=0.7), sure(share=0.9)]) == 2


def test_photos_that_together_name_what_none_names_alone_stay_apart() -> None:
    one = photo(REX, ("boxer", 0.5), ("beagle", 0.49), kind=Kind.UNSURE)
    other = photo(REX, ("boxer", 0.001), kind=Kind.BREED)
    third = photo(REX, ("pug", 0.5), ("beagle", 0.49), ("boxer", 0.1), kind=Kind.UNSURE)

    for dog in MANY.dogs([one, other, third]):
        together = [[one, other, third][place] for place in dog]
        assert MANY.fuse(together).top[0][0] in {seen.top[0][0] for seen in together}


def test_an_empty_album_has_no_dogs() -> None:
    assert MANY.dogs([]) == []
