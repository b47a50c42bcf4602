"""Which breeds look alike is what the features that ship say."""

import json
from importlib import resources

import numpy as np
import pytest

from core.breeds.look_alikes import find_look_alikes, look_alike
from inference.store.folder_store import SHIPPED, ModelStore


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("toy_poodle", "miniature_poodle"),
        ("lhasa_apso", "shih_tzu"),
        ("german_shepherd", "malinois"),
        ("english_foxhound", "treeing_walker_coonhound"),
        ("pembroke_welsh_corgi", "cardigan_welsh_corgi"),
        ("xoloitzcuintli", "american_hairless_terrier"),
    ],
)
def test_doubles_look_alike_in_both_orders(one: str, other: str) -> None:
    assert look_alike(one, other)
    assert look_alike(other, one)


@pytest.mark.parametrize(("one", "other"), [("pug", "komondor"), ("papillon", "rottweiler"), ("beagle", "chow_chow")])
def test_breeds_that_nobody_confuses_do_not(one: str, other: str) -> None:
    assert look_alike(one, other) is False


@pytest.mark.parametrize(("one", "other"), [("azawakh", "pug"), ("pug", "azawakh"), ("a_lost_breed", "another")])
def test_nothing_is_said_of_breeds_that_the_model_does_not_know(one: str, other: str) -> None:
    assert look_alike(one, other) is None


def test_alike_are_breeds_whose_photos_lie_in_the_same_direction() -> None:
    directions = {"one": [1, 0, 0.1], "its_double": [1, 0.1, 0], "another": [0, 1, 0], "a_fourth": [0, 0, 1]}
    labels = [*directions, "not_a_dog"] * 3
    features = np.array([*directions.values(), [1, 1, 1]] * 3, np.float32) * np.arange(1, 16)[:, None]

    assert find_look_alikes(features, labels) == [("its_double", "one")]


def test_the_list_that_ships_is_what_the_shipped_features_give() -> None:
    store = ModelStore(SHIPPED)
    backbone = store.backbone(store.head(store.pointer().model).backbone_id)
    (exemplars, names), (golden, golden_names) = backbone.exemplars(), backbone.golden()
    labels = [str(name) for name in (*names, *golden_names)]
    told = json.loads(resources.files("core.breeds").joinpath("look_alikes.json").read_text(encoding="utf-8"))

    found = find_look_alikes(np.concatenate([exemplars, golden]), labels)

    assert [tuple(pair) for pair in told["pairs"]] == found
    assert told["breeds"] == sorted(set(labels) - {"not_a_dog"})
