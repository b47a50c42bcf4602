"""An evaluation for programs and for people."""

import json

import pytest
from made_evaluations import evaluated, said
from rich.console import Console

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind
from training.evaluation.listing import evaluation_json, evaluation_table
from training.evaluation.unknown_breeds import unknown_breeds

SOME = evaluated(
    ("beagle", said("beagle", 0.9)),
    ("beagle", said("pug", 0.4, Kind.UNSURE)),
    ("pug", said("pug")),
    ("pug", said("beagle")),
    (NOT_A_DOG, said("pug", 0.3, Kind.NOT_A_DOG)),
    (NOT_A_DOG, said("boxer")),
    unreadable={"x.jpg": "broken"},
)


def test_the_json_is_flat_and_says_null_where_no_photo_tells() -> None:
    report = json.loads(json.dumps(evaluation_json(SOME, "m")))
    without = evaluation_json(evaluated(("pug", said("pug"))), "m")
    others = evaluation_json(evaluated((NOT_A_DOG, said("pug", kind=Kind.NOT_A_DOG))), "m")

    assert (report["top1"], report["top1_n"], report["n"]) == (0.5, 4, 6)
    assert (report["not_a_dog_rejected"], report["dogs_rejected"]) == (0.5, 0.0)
    assert report["unreadable"] == [{"path": "x.jpg", "error": "broken"}]
    assert report["confused"] == [{"breeds": ["beagle", "pug"], "errors": 2, "mistaken": [1, 1], "n": [2, 2]}]
    assert without["not_a_dog_rejected"] is None
    assert [others[key] for key in ("f1", "ece", "aurc", "f1_interval")] == [None] * 4


@pytest.mark.parametrize("key", ["precision", "recall", "f1", "ece", "aurc"])
def test_every_mean_has_an_interval(key: str) -> None:
    report = evaluation_json(SOME, "m")

    low, high = report[f"{key}_interval"]
    assert low <= report[key] <= high


def test_the_loss_is_null_where_full_probabilities_are_not_at_hand() -> None:
    report = evaluation_json(SOME, "m")

    assert (report["loss"], report["loss_interval"], report["loss_n"]) == (None, None, 0)


def test_the_table_names_the_breed_that_does_worst_and_the_pair_most_confused() -> None:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(evaluation_table(SOME, "m", unknown_breeds(SOME, ("beagle", "pug", NOT_A_DOG))))

    assert "recall of beagle" in captured.get()
    assert "confused: beagle and pug" in captured.get()
    assert "AURC" in captured.get()
    assert "loss" not in captured.get()
    assert "known breeds" not in captured.get()


def test_breeds_that_the_model_cannot_name_are_told_apart_from_the_others() -> None:
    photos = evaluated(
        ("beagle", said("beagle", 0.9)),
        ("beagle", said("pug", 0.4)),
        ("azawakh", said("saluki", 0.85)),
        ("azawakh", said("saluki", 0.84)),
        ("barbet", said("standard_poodle", 0.9, Kind.UNSURE)),
    )
    console = Console(width=120)

    found = unknown_breeds(photos, ("beagle", "pug", NOT_A_DOG))
    with console.capture() as captured:
        console.print(evaluation_table(photos, "m", found))

    report = found.to_json()
    assert report["unknown"] == ["azawakh", "barbet"]
    assert (report["unknown_sure"], report["unknown_sure_n"]) == (pytest.approx(1 / 3), 3)
    assert (report["known_top1"], report["known_top1_n"]) == (0.5, 2)
    low, high = report["known_ece_interval"]
    assert low <= report["known_ece"] <= high
    assert "unknown breeds: named with 85% or more  0.333" in captured.get()


def test_where_every_breed_is_known_both_say_the_same() -> None:
    found = unknown_breeds(SOME, ("beagle", "pug", "boxer", NOT_A_DOG))

    assert found.known == SOME.metrics
    assert (found.names, found.to_json()["unknown_sure"]) == ([], None)
