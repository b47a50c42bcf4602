"""What errors have in common, on answers worked out by hand."""

import numpy as np
import pytest
from made_evaluations import evaluated, said

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind
from training.evaluation.confusion_limits import by_confidence, by_short_side, by_source, error_traits

SOME = evaluated(
    ("beagle", said("pug", 0.95, second="beagle")),
    ("pug", said("beagle", 0.6, second="boxer")),
    ("pug", said("pug", 0.99)),
    ("pug", said("pug", 0.92)),
    ("boxer", said("vizsla", 0.3, Kind.UNSURE, second="boxer")),
    ("vizsla", said("samoyed", 0.4)),
    (NOT_A_DOG, said("pug", 0.99)),
).answers


def test_traits_count_the_errors_of_dogs_only() -> None:
    traits = error_traits(SOME)

    assert traits.errors == 4
    assert traits.look_alikes.value == 0.5  # beagle and pug, once each way
    assert (traits.hedged.value, traits.sure.value) == (0.25, 0.25)
    assert traits.near_misses.value == 0.75  # all but the vizsla
    assert traits.sure_expected == pytest.approx(0.05 + 0.01 + 0.08)


def test_errors_are_counted_by_confidence_beside_what_it_claims() -> None:
    parts = {part.name: part for part in by_confidence(SOME)}

    assert list(parts) == ["below 50 %", "50 % to 70 %", "90 % to 97 %", "97 % to 100 %"]
    assert (parts["below 50 %"].wrong.value, parts["below 50 %"].wrong.n) == (1.0, 2)
    assert parts["below 50 %"].expected == pytest.approx(0.65)
    assert parts["97 % to 100 %"].wrong.n == 1


def test_errors_are_counted_by_size_where_it_is_known() -> None:
    sizes = np.array([100.0, 224.0, 224.0, 2000.0, np.nan, 111.0, 100.0])

    parts = {part.name: part.wrong for part in by_short_side(SOME, sizes)}

    assert list(parts) == ["below 112 px", "224 to 319 px", "640 px and more"]
    assert [share.n for share in parts.values()] == [2, 2, 1]
    assert by_short_side(SOME, np.full(7, np.nan)) == []


def test_a_part_is_compared_with_the_other_photos_of_its_breeds() -> None:
    here, there = by_source(SOME, ["", "here", "here", "there", "", "", "here"])

    assert (here.name, here.wrong.value, here.wrong.n) == ("here", 0.5, 2)
    assert here.expected == pytest.approx((0 / 2 + 1 / 2) / 2)
    assert (there.wrong.value, there.expected) == (0.0, 0.5)


def test_an_only_photo_of_its_breed_has_nothing_to_be_compared_with() -> None:
    (part,) = by_source(SOME, ["", "", "", "", "x", "", ""])

    assert part.expected is None
