"""Breeds that are taken for another: what the file says of them holds for the catalogue and the model that ships."""

import json
from importlib import resources

import pytest

from core.breeds.catalogue import MIXED_BREED, NOT_A_DOG, shipped_catalogue
from core.breeds.doubles import NAMED, TAKEN_FOR, doubles, doubles_of_labels
from inference.store.folder_store import SHIPPED, ModelStore

FILE = json.loads(resources.files("core.breeds").joinpath("doubles.json").read_text("utf-8"))


def labels_that_ship() -> tuple[str, ...]:
    store = ModelStore(SHIPPED)
    return tuple(store.head(store.pointer().model).manifest["labels"])


def test_the_file_speaks_of_every_breed_and_of_no_other() -> None:
    breeds = set(shipped_catalogue()) - {MIXED_BREED}
    labels = set(labels_that_ship()) - {NOT_A_DOG}

    assert set(FILE["common"]) == breeds
    assert set(FILE["common"].values()) == {0, 1, 2, 3, 4}
    assert set(FILE["doubles"]) <= breeds - labels
    for alike in FILE["doubles"].values():
        assert alike
        assert set(alike) <= labels
        assert set(alike.values()) <= set(TAKEN_FOR)


@pytest.mark.parametrize(
    ("breed", "others"),
    [("shiba_inu", ["akita"]), ("lakeland_terrier", ["welsh_terrier"]), ("pug", []), ("no_breed_at_all", [])],
)
def test_doubles_that_are_met_are_named(breed: str, others: list[str]) -> None:
    assert doubles(breed) == others


def test_a_few_are_named_and_none_is_a_label_that_ships() -> None:
    labels = labels_that_ship()

    named = [doubles(label) for label in labels]

    assert max(map(len, named)) == NAMED
    assert not {other for some in named for other in some} & set(labels)


def test_what_a_model_knows_is_no_double_any_more() -> None:
    labels = labels_that_ship()
    before = dict(zip(labels, doubles_of_labels(labels), strict=True))
    taught = dict(zip((*labels, "akita"), doubles_of_labels((*labels, "akita")), strict=True))

    assert before["pug"] == before[NOT_A_DOG] == taught["akita"] == 0
    assert before["shiba_inu"] == pytest.approx(taught["shiba_inu"] + 1)  # both are often seen, and look alike
