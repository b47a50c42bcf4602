"""Which breeds are taken for which, and the order in which look-alikes are neighbours."""

import numpy as np
import pytest
from made_evaluations import evaluated, said

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind
from training.evaluation.answers import Answers
from training.evaluation.confusions import confused_pairs, confusion, look_alike_order, taken_for

SOME = evaluated(
    ("beagle", said("pug")),
    ("pug", said("beagle")),
    ("pug", said("beagle")),
    ("pug", said("boxer")),
    ("pug", said("pug")),
    ("boxer", said("boxer", kind=Kind.NOT_A_DOG)),
    (NOT_A_DOG, said("boxer")),
).answers


def test_confusion_counts_answers_by_truth_with_not_a_dog_last() -> None:
    labels, counts = confusion(np.array(["pug", "beagle", NOT_A_DOG]), np.array(["pug", "pug", NOT_A_DOG]))

    assert labels == ["beagle", "pug", NOT_A_DOG]
    assert counts.tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_pairs_count_both_directions_with_the_worse_one_first() -> None:
    first, second = confused_pairs(SOME)

    assert (first.breeds, first.mistaken, first.photos, first.errors) == (("pug", "beagle"), (2, 1), (4, 1), 3)
    assert (second.breeds, second.mistaken, second.photos) == (("pug", "boxer"), (1, 0), (4, 1))


def test_each_breed_is_named_what_it_is_most_often_taken_for() -> None:
    assert taken_for(SOME) == {"beagle": ("pug", 1), "pug": ("beagle", 2)}


def test_breeds_that_share_probability_are_neighbours() -> None:
    alike = {"beagle": "boxer", "boxer": "beagle", "pug": "samoyed", "samoyed": "pug", "borzoi": "vizsla"}
    pairs = [(breed, said(breed, 0.6, second=other)) for breed, other in alike.items() for _ in range(3)]
    probabilities = np.full((4, 4), 0.01) + 0.6 * np.eye(4) + 0.3 * np.eye(4)[[2, 3, 0, 1]]
    labels = ["beagle", "borzoi", "boxer", "pug"]
    answers = Answers.of_probabilities(labels, labels, probabilities)

    order = [labels[place] for place in look_alike_order(answers, labels)]

    assert abs(order.index("beagle") - order.index("boxer")) == 1
    assert abs(order.index("borzoi") - order.index("pug")) == 1
    assert len(look_alike_order(evaluated(*pairs).answers, [*alike, "vizsla"])) == 6


@pytest.mark.parametrize("labels", [[], ["pug"], ["beagle", "pug"], [NOT_A_DOG], ["beagle", NOT_A_DOG, "pug", "x"]])
def test_every_label_has_one_place_and_not_a_dog_the_last(labels: list[str]) -> None:

    order = look_alike_order(SOME, labels)

    assert sorted(order) == list(range(len(labels)))
    assert NOT_A_DOG not in labels or labels[order[-1]] == NOT_A_DOG
