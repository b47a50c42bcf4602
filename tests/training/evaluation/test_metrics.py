"""Metrics against values worked out by hand, and against what must hold for any answers."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_evaluations import one_hot_head

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import BreedScore, Kind, Prediction
from training.evaluation.answers import Answers
from training.evaluation.metrics import Share, macro_scores_of_rows, measure, measure_answers, per_breed


def prediction(best: str, confidence: float, kind: Kind = Kind.BREED, others: tuple[str, ...] = ()) -> Prediction:
    rest = tuple(BreedScore(breed, 0.01) for breed in (*others, "w", "x", "y", "z"))
    return Prediction(kind, (BreedScore(best, confidence), *rest)[:5], 0.0, "m", "b", np.zeros(1, np.float16))


def test_the_numbers_of_six_photos_are_those_worked_out_by_hand() -> None:
    labels = ["beagle", "beagle", "beagle", "pug", NOT_A_DOG, NOT_A_DOG]
    predictions = [
        prediction("beagle", 0.9),
        prediction("pug", 0.6, others=("beagle",)),
        prediction("borzoi", 0.3, Kind.UNSURE, others=("p", "q", "beagle")),
        prediction("pug", 0.8, Kind.NOT_A_DOG),
        prediction("pug", 0.1, Kind.NOT_A_DOG),
        prediction("pug", 0.4),
    ]

    metrics = measure(labels, predictions)

    assert metrics.n == 6
    assert (metrics.top1.value, metrics.top1.n) == (0.5, 4)
    assert (metrics.top3.value, metrics.top3.n) == (0.75, 4)
    assert metrics.breeds["beagle"].precision == 1.0
    assert metrics.breeds["beagle"].recall == pytest.approx(1 / 3)
    assert metrics.breeds["beagle"].f1 == pytest.approx(0.5)
    assert (metrics.breeds["pug"].precision, metrics.breeds["pug"].recall, metrics.breeds["pug"].n) == (0.5, 1.0, 1)
    assert set(metrics.breeds) == {"beagle", "pug"}
    assert metrics.precision == pytest.approx(0.75)
    assert metrics.recall == pytest.approx(2 / 3)
    assert metrics.f1 == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert metrics.ece == pytest.approx((0.1 + 0.6 + 0.3 + 0.2) / 4)  # more bins than dogs: each is a bin
    assert (metrics.not_a_dog_rejected.value, metrics.not_a_dog_rejected.n) == (0.5, 2)
    assert (metrics.dogs_rejected.value, metrics.unsure.value) == (0.25, 0.25)
    assert (metrics.answered_top1.value, metrics.answered_top1.n) == (0.5, 2)


@pytest.mark.parametrize("labels", [[], [NOT_A_DOG], ["pug"]])
def test_sets_without_dogs_or_without_others_are_measured_as_far_as_they_go(labels: list[str]) -> None:
    metrics = measure(labels, [prediction("pug", 1.0) for _ in labels])

    assert metrics.n == len(labels)
    assert 0 <= metrics.ece <= 1
    assert metrics.top1.n == labels.count("pug")
    assert metrics.not_a_dog_rejected.n == labels.count(NOT_A_DOG)


def test_labels_and_answers_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="shorter"):
        measure(["pug", "pug"], [prediction("pug", 1.0)])


def test_a_wilson_interval_is_the_published_one() -> None:
    share = Share.of(np.arange(10) < 8)  # Newcombe 1998, and any calculator: 8 of 10 → 0.4902–0.9433

    assert (share.value, share.n) == (0.8, 10)
    assert share.low == pytest.approx(0.4902, abs=1e-4)
    assert share.high == pytest.approx(0.9433, abs=1e-4)
    assert Share.of(np.zeros(0, np.bool_)) == Share(0.0, 0.0, 1.0, 0)


@given(hits=st.integers(0, 500), misses=st.integers(0, 500))
def test_an_interval_contains_its_value_and_shrinks_with_more_photos(hits: int, misses: int) -> None:
    truth = np.arange(hits + misses) < hits

    share, more = Share.of(truth), Share.of(np.tile(truth, 4))

    assert 0 <= share.low <= share.high <= 1
    assert share.low - 1e-12 <= share.value <= share.high + 1e-12 or share.n == 0
    assert more.high - more.low <= share.high - share.low


LABELLINGS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcd")), min_size=1, max_size=60)


@given(pairs=LABELLINGS)
def test_recall_weighted_by_photos_is_accuracy(pairs: list[tuple[str, str]]) -> None:
    truth, answer = (np.array(column) for column in zip(*pairs, strict=True))

    breeds = per_breed(truth, answer)

    assert set(breeds) == set(truth.tolist())
    assert sum(one.recall * one.n for one in breeds.values()) == pytest.approx(float((truth == answer).sum()))
    for one in breeds.values():
        assert min(one.precision, one.recall) - 1e-9 <= one.f1 <= max(one.precision, one.recall) + 1e-9


def test_metrics_are_plain_json() -> None:
    metrics = measure(["pug", NOT_A_DOG], [prediction("pug", 1.0), prediction("pug", 0.2, Kind.NOT_A_DOG)])

    assert json.loads(json.dumps(metrics.to_dict()))["top1"]["value"] == 1.0


def test_the_loss_is_the_heads_negative_log_likelihood_over_the_labels_that_it_knows() -> None:
    head = one_hot_head(("beagle", "pug", NOT_A_DOG))
    features = np.zeros((3, 2048), np.float32)
    features[range(3), [0, 1, 2]] = 2.0
    labels = ["beagle", "beagle", "borzoi"]

    metrics = measure(labels, head.predictions(features), head)

    total = np.exp(2) + 2
    assert metrics.loss == pytest.approx((-np.log(np.exp(2) / total) - np.log(1 / total)) / 2, rel=1e-4)
    assert metrics.loss is not None
    assert metrics.loss_n == 2
    assert metrics.intervals["loss"][0] < metrics.loss < metrics.intervals["loss"][1]
    assert measure(labels, head.predictions(features)).loss is None


def test_any_networks_probabilities_are_measured_like_answers() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3]])
    labels = ["beagle", "pug", "pug"]

    metrics = measure_answers(Answers.of_probabilities(labels, ("beagle", "pug", "boxer"), probabilities))

    assert metrics.top1.value == pytest.approx(2 / 3)
    assert metrics.top3.value == 1.0
    assert metrics.loss == pytest.approx(-np.log([0.7, 0.3, 0.5]).mean())


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), skill=st.floats(0.3, 0.99))
def test_intervals_contain_their_values_and_repeat(seed: int, skill: float) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.choice(["beagle", "pug", "boxer"], 80).tolist()
    answers = [prediction(label if rng.random() < skill else "pug", float(rng.uniform(0.4, 1))) for label in labels]

    metrics, again = (measure(labels, answers, resamples=200) for _ in range(2))

    for name in ("f1", "ece", "aurc"):
        low, high = metrics.intervals[name]
        assert low <= getattr(metrics, name) <= high, name
    assert metrics.intervals == again.intervals


def test_bootstrapped_macro_scores_are_those_of_each_resample() -> None:
    rng = np.random.default_rng(3)
    truth, answer = rng.integers(0, 4, (5, 30)), rng.integers(0, 5, (5, 30))

    rows = macro_scores_of_rows(truth, answer, 5)

    for row, one, other in zip(rows, truth, answer, strict=True):
        breeds = per_breed(one.astype(np.str_), other.astype(np.str_)).values()
        np.testing.assert_allclose(row[0], np.mean([breed.precision for breed in breeds]))
        np.testing.assert_allclose(row[1], np.mean([breed.recall for breed in breeds]))
        np.testing.assert_allclose(row[2], np.mean([breed.f1 for breed in breeds]))


def test_without_resampling_there_are_no_intervals_and_nothing_else_changes() -> None:
    labels, answers = ["pug", "beagle"], [prediction("pug", 0.9), prediction("pug", 0.4)]

    quick, whole = (measure(labels, answers, resamples=resamples) for resamples in (0, 20))

    assert (quick.intervals, quick.ece_by_chance) == ({}, None)
    assert (quick.f1, quick.ece, quick.aurc) == (whole.f1, whole.ece, whole.aurc)
