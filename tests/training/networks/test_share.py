"""A model for other programs answers as it does here, and says of itself what it needs to be used."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml  # type: ignore[import-untyped]
from checkout import SHARED
from numpy.typing import NDArray

from inference.model.classifier import Champion
from inference.settings import Engine
from inference.store.folder_store import ModelStore
from training.networks.share import CannotExport, Format, share

pytestmark = [pytest.mark.keras, pytest.mark.slow]

TOLERANCE = 0.02  # as between our engines: bf16 here, float32 there
PHOTOS = 50


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """With what ships."""
    return ModelStore(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def champion(store: ModelStore) -> Iterator[Champion]:
    champion = Champion(store, Engine.OPENVINO)
    yield champion
    champion.close()


@pytest.fixture(scope="module")
def photos(champion: Champion) -> NDArray[np.uint8]:
    """What the network takes, of real photos."""
    files = sorted((SHARED / "dogs").glob("*/*.*"))
    if not files:
        pytest.skip("the real photos are not here (../shared/dogs)")
    some = files[:: max(1, len(files) // PHOTOS)][:PHOTOS]
    return np.stack([champion().preprocessing.decode(path.read_bytes()) for path in some])


@pytest.fixture(scope="module")
def ours(champion: Champion, photos: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities of each label, as people are told them."""
    classifier = champion()
    size = classifier.batch_sizes[-1]
    parts = [classifier.raw_features(photos[start : start + size]).vectors for start in range(0, len(photos), size)]
    return classifier.head.told(np.concatenate(parts))


def shared(store: ModelStore, wanted: Format, folder: Path) -> list[str]:
    head = store.head(store.pointer().model)
    return share(head, store.backbone(head.backbone_id), wanted, folder)


def agree(theirs: NDArray[np.float32], ours: NDArray[np.float32]) -> None:
    assert theirs.shape == ours.shape == (PHOTOS, ours.shape[1])
    assert np.abs(theirs - ours).max() <= TOLERANCE
    assert (theirs.argmax(1) == ours.argmax(1)).all()


@pytest.mark.photos
def test_keras_answers_as_we_do(store: ModelStore, tmp_path: Path, photos: Any, ours: Any) -> None:
    import keras  # noqa: PLC0415 - slow to import

    files = shared(store, Format.KERAS, tmp_path / "out")
    theirs, _ = keras.models.load_model(tmp_path / "out" / "model.keras").predict(photos, verbose=0)

    agree(theirs, ours)
    assert {"README.md", "config.json", "model.keras"} <= set(files)


@pytest.mark.photos
@pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")  # tf2onnx 1.17 with NumPy 2
def test_onnx_runtime_answers_as_we_do(store: ModelStore, tmp_path: Path, photos: Any, ours: Any) -> None:
    import onnxruntime  # noqa: PLC0415 - slow to import

    shared(store, Format.ONNX, tmp_path / "out")
    session = onnxruntime.InferenceSession(tmp_path / "out" / "model.onnx")
    [photo_input] = session.get_inputs()
    [theirs] = session.run(["probabilities"], {photo_input.name: photos})

    agree(theirs, ours)


def test_what_it_takes_and_says_is_declared_and_its_card_begins_as_the_hub_wants(
    store: ModelStore, tmp_path: Path
) -> None:
    shared(store, Format.KERAS, tmp_path / "out")
    said = json.loads((tmp_path / "out" / "config.json").read_text())
    card = (tmp_path / "out" / "README.md").read_text()
    metadata = yaml.safe_load(card.split("---\n")[1])
    head = store.head(store.pointer().model)

    assert list(said["id2label"].values()) == list(head.manifest["labels"])
    assert said["preprocessing"] == store.backbone(head.backbone_id).manifest["preprocessing"]
    assert metadata["pipeline_tag"] == "image-classification"
    assert metadata["model-index"][0]["name"] == head.id
    assert "# Model card" in card


def test_a_folder_with_something_in_it_is_left_as_it_is(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")

    with pytest.raises(OSError):  # noqa: PT011 - whatever the system says of it
        shared(store, Format.KERAS, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["note"]


@pytest.mark.parametrize(("wanted", "missing"), [(Format.KERAS, "keras"), (Format.ONNX, "tf2onnx")])
def test_the_extra_that_brings_what_is_missing_is_named(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: Format, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(CannotExport, match=rf"needs {missing}: pip install 'breedbot\[export\]'"):
        shared(store, wanted, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
