"""The champion follows its pointer between two batches and never gives up a working model for a broken one."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_models import LABELS, add_backbone, add_head, features_of, made_store, restate

from inference.model.artefact import ArtefactError
from inference.model.classifier import Champion, Classifier
from inference.settings import Engine
from inference.store.folder_store import ModelStore
from inference.store.pointer import POINTER

PHOTO = np.zeros((1, 224, 224, 3), np.uint8)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return made_store(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def loaded(store: ModelStore) -> Champion:
    return Champion(store, Engine.OPENVINO)


@pytest.fixture
def champion(store: ModelStore, loaded: Champion) -> Champion:
    """The same for all tests, since loading a network takes seconds; each begins with the first model."""
    point(store, '{"model": "first", "previous": null}')
    assert loaded().model_id == "first"
    return loaded


def best(classifier: Classifier) -> str:
    return classifier.predict(PHOTO)[0].top[0].breed


def point(store: ModelStore, text: str) -> None:
    """Move the pointer as a careless hand would, past every check of ``promote``."""
    (store.root / f"{POINTER}.new").write_text(text)
    (store.root / f"{POINTER}.new").replace(store.root / POINTER)


@pytest.mark.slow
def test_a_promotion_is_followed_and_shares_the_backbone(store: ModelStore, champion: Champion) -> None:
    before = champion()
    assert (before.model_id, best(before)) == ("first", "beagle")

    store.promote("second")
    after = champion()

    assert after.model_id == "second"
    assert after.backbone is before.backbone
    assert champion() is after
    assert best(before) == best(after) == "beagle", "a batch that is under way ends with the model it began with"


def test_moves_within_one_tick_of_the_clock_are_followed(store: ModelStore, champion: Champion) -> None:
    for model in ("second", "first", "second"):
        store.promote(model)
        os.utime(store.root / POINTER, ns=(10**18, 10**18))

        assert champion().model_id == model


@pytest.mark.slow
def test_another_backbone_is_loaded_with_its_head(store: ModelStore, champion: Champion) -> None:
    add_backbone(store, "other-bones", label="pug")
    add_head(store, "third", "other-bones")

    store.promote("third")

    assert (champion().model_id, best(champion())) == ("third", "pug")
    assert store.rollback().model == "first"
    assert (champion().model_id, best(champion())) == ("first", "beagle")


def unknown(store: ModelStore) -> str:
    return '{"model": "never-heard-of"}'


def no_pointer(store: ModelStore) -> str:
    return '{"model": 7}'


def with_a_damaged_file(store: ModelStore) -> str:
    (add_head(store, "torn", "bones") / "head.npz").write_bytes(b"PK")
    return '{"model": "torn"}'


def with_a_broken_promise(store: ModelStore) -> str:
    add_head(store, "boaster", "bones", (*LABELS[1:3], LABELS[0], LABELS[3]))
    return '{"model": "boaster"}'


def with_labels_from_elsewhere(store: ModelStore) -> str:
    restate(add_head(store, "foreigner", "bones"), labels=[*LABELS[1:], "unicorn"])
    return '{"model": "foreigner"}'


def on_a_backbone_that_fails_its_check(store: ModelStore) -> str:
    add_backbone(store, "liar", expected=features_of("borzoi"))
    add_head(store, "believer", "liar")
    return '{"model": "believer"}'


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        unknown,
        no_pointer,
        with_a_damaged_file,
        with_a_broken_promise,
        with_labels_from_elsewhere,
        on_a_backbone_that_fails_its_check,
    ],
)
def test_a_refused_model_changes_nothing_and_is_reported_once(
    store: ModelStore, champion: Champion, make: Callable[[ModelStore], str], caplog: pytest.LogCaptureFixture
) -> None:
    before = champion()
    point(store, make(store))

    with caplog.at_level(logging.ERROR):
        answers = [champion() for _ in range(3)]

    assert all(answer is before for answer in answers)
    assert best(before) == "beagle"
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "first goes on" in caplog.text


def test_the_next_good_move_after_a_refused_one_is_followed(store: ModelStore, champion: Champion) -> None:
    point(store, "{}")
    champion()

    point(store, '{"model": "second", "previous": "first"}')

    assert champion().model_id == "second"


def test_nothing_starts_on_a_damaged_model(tmp_path: Path) -> None:
    store = made_store(tmp_path / "models")
    (store.root / "heads" / "first" / "head.npz").write_bytes(b"PK")

    with pytest.raises(ArtefactError, match="damaged"):
        Champion(store, Engine.OPENVINO)


@pytest.mark.slow
def test_a_start_on_a_damaged_champion_falls_back_to_the_one_before(
    store: ModelStore, caplog: pytest.LogCaptureFixture
) -> None:
    point(store, '{"model": "never-heard-of", "previous": "second"}')

    champion = Champion(store, Engine.OPENVINO)

    assert champion().model_id == "second"
    assert "never-heard-of is refused" in caplog.text
    champion.close()
