"""Two models are compared photo by photo: who is right alone, by how much, and whether chance explains it."""

import pytest

from training.evaluation.compare import compare, comparison_table

TRUTH = ["pug"] * 60 + ["saluki"] * 40


def said(pugs: int, salukis: int) -> list[str]:
    """So many of each are named rightly, the first ones."""
    return ["pug"] * pugs + ["boxer"] * (60 - pugs) + ["saluki"] * salukis + ["borzoi"] * (40 - salukis)


def test_a_model_that_is_right_more_often_is_so_beyond_chance() -> None:
    labels = ("pug", "saluki", "boxer", "borzoi", "not_a_dog")
    found = compare(("a", "b"), (labels, labels), TRUTH, (said(40, 30), said(55, 30)), "photos")

    assert (found.n, found.first_right, found.second_right) == (100, 70, 85)
    assert (found.only_first, found.only_second) == (0, 15)
    assert found.difference == pytest.approx(0.15)
    assert 0 < found.interval[0] < 0.15 < found.interval[1]
    assert found.p == pytest.approx(2 * 0.5**15)
    assert list(found.breeds.items()) == [("pug", (60, 40, 55)), ("saluki", (40, 30, 30))]
    assert found.to_json()["second_top1"] == 0.85
    assert comparison_table(found).row_count == 3


def test_a_model_beside_itself_differs_in_nothing_and_breeds_that_it_lacks_are_named() -> None:
    labels = ("pug", "not_a_dog")
    found = compare(("a", "b"), (labels, (*labels, "saluki")), TRUTH, (said(10, 0), said(10, 0)), "photos")

    assert (found.difference, found.interval, found.p) == (0.0, (0.0, 0.0), 1.0)
    assert found.unknown == {"a": ["saluki"], "b": []}
