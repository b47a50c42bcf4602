"""Answers as arrays, from predictions and from any network's probabilities."""

import numpy as np
import pytest
from made_evaluations import one_hot_head, said

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind
from training.evaluation.answers import Answers


def test_predictions_become_rows_with_the_kind_of_the_answer() -> None:
    answers = Answers.of_predictions(
        ["pug", "pug", NOT_A_DOG], [said("pug"), said("beagle", kind=Kind.NOT_A_DOG), said("boxer")]
    )

    assert answers.best.tolist() == ["pug", "beagle", "boxer"]
    assert answers.answer.tolist() == ["pug", NOT_A_DOG, "boxer"]
    assert answers.right.tolist() == [True, False, False]
    assert answers.dogs.tolist() == [True, True, False]
    assert answers.among(3).tolist() == [True, True, False]
    assert answers.loss is None


def test_heads_of_few_breeds_leave_empty_places() -> None:
    head = one_hot_head(("pug", "beagle", NOT_A_DOG))

    answers = Answers.of_predictions(["pug"], head.predictions(np.zeros((1, 2048))), head)

    assert answers.ranked.tolist() == [["pug", "beagle"]]
    assert answers.loss is not None
    assert answers.loss[0] == pytest.approx(np.log(3))


def test_probabilities_are_ranked_without_not_a_dog() -> None:
    probabilities = np.array([[0.2, 0.7, 0.1], [0.3, 0.1, 0.6]])

    answers = Answers.of_probabilities(["pug", "boxer"], ("pug", NOT_A_DOG, "beagle"), probabilities)

    assert answers.ranked.tolist() == [["pug", "beagle"], ["beagle", "pug"]]
    assert answers.kind.tolist() == [Kind.NOT_A_DOG, Kind.BREED]
    np.testing.assert_allclose(answers.not_a_dog, [0.7, 0.1])
    assert answers.loss is not None
    np.testing.assert_allclose(answers.loss, [-np.log(0.2), np.nan])


def test_a_certain_mistake_costs_much_but_not_everything() -> None:
    answers = Answers.of_probabilities(["pug"], ("pug", "beagle"), np.array([[0.0, 1.0]], np.float32))

    assert answers.loss is not None
    assert 50 < answers.loss[0] < 100


def test_probabilities_that_do_not_fit_the_classes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected probabilities \[1, 2\], got \[1, 3\]"):
        Answers.of_probabilities(["pug"], ("pug", "beagle"), np.zeros((1, 3)))


def test_no_photos_are_no_rows() -> None:
    head = one_hot_head(("pug", NOT_A_DOG))

    answers = Answers.of_predictions([], [], head)

    assert answers.ranked.shape == (0, 1)
    assert answers.loss is not None
    assert answers.loss.shape == answers.answer.shape == (0,)
