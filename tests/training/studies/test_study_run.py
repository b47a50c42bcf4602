"""Runs of the study on photos that a child could tell apart: measured, kept, tracked, and never made twice."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import keras
import numpy as np
import pytest
from coloured_breeds import coloured_breeds

from inference.photo.preprocess import Preprocessing
from inference.store.folder_store import ModelStore
from training.networks import WeightsError, attach, base, build_scratch, head_network
from training.recipe import RecipeError, RunContext
from training.recipes.five_scratch import RECIPE as SCRATCH
from training.studies.reference.recipe import StudyRecipe
from training.studies.reference.result import RESULT, StudyResult
from training.tracking.tracking import Tracking, sqlite_store

pytestmark = [pytest.mark.keras, pytest.mark.slow]

ON_VGG16 = StudyRecipe(
    "VGG16 flatten + dense + dense", "vgg16", "flatten", (16,), preprocessing=Preprocessing(32, 36), weights="none",
    epochs=40, patience=20, learning_rate=0.03, batch_size=16,
)  # fmt: skip
FROM_SCRATCH = replace(
    SCRATCH, preprocessing=Preprocessing(24, 24, "squash"), dense=(16, 8, 8), epochs=2, learning_rate=3e-3
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coloured_breeds(tmp_path_factory.mktemp("photos"), 12)


def context(photos: Path, work: Path, tracking: Tracking | None = None) -> RunContext:
    return RunContext(photos, work, None, ModelStore(work / "models"), tracking or Tracking(None), work / "features")


def files(work: Path) -> dict[str, int]:
    return {path.relative_to(work).as_posix(): path.stat().st_mtime_ns for path in work.rglob("*") if path.is_file()}


def test_a_head_on_a_frozen_base_learns_is_kept_and_not_made_twice(photos: Path, tmp_path: Path) -> None:
    result = ON_VGG16.result("five", context(photos, tmp_path))
    before = files(tmp_path)
    again = ON_VGG16.result("five", context(photos, tmp_path))

    assert result.accuracy > 0.5
    assert result.accuracy_low < result.accuracy <= result.accuracy_high
    assert (result.run, result.dense_layers, result.optimizer) == ("five", 2, "adam")
    assert result.notes == ("irish_wolfhound stands in for scottish_deerhound",)
    assert sum(result.photos.values()) == 60
    assert 0 < result.train_s < result.duration_s
    assert again == result
    assert {name for name, time in files(tmp_path).items() if before.get(name) != time} == {RESULT}
    assert not list(tmp_path.rglob(".*"))
    folder = next(path.parent for path in tmp_path.glob("*/confusion_matrix.png"))
    assert StudyResult.read(folder) == result == StudyResult.read(tmp_path)
    assert len(json.loads((folder / "history.json").read_text())) == result.epochs


def test_other_numbers_make_another_run_from_the_same_features(photos: Path, tmp_path: Path) -> None:
    one = ON_VGG16.result("five", context(photos, tmp_path))
    cached = files(tmp_path / "features")
    other = replace(ON_VGG16, dense=(), optimizer="sgd").result("five", context(photos, tmp_path))

    assert other.dense_layers == 1
    assert one.settings != other.settings
    assert files(tmp_path / "features") == cached
    assert len(list(tmp_path.glob(f"*/{RESULT}"))) == 2


def test_the_kept_weights_are_the_head_of_the_whole_network(photos: Path, tmp_path: Path) -> None:
    ON_VGG16.result("five", context(photos, tmp_path))
    keras.utils.set_random_seed(ON_VGG16.seed)
    frozen = base("vgg16", None, 32)
    head = head_network(512, 5, (16,))

    head.load_weights(next(tmp_path.glob("*/network.weights.h5")))

    picture = np.full((1, 32, 32, 3), (220, 90, 30), np.uint8)
    answered = np.asarray(attach(frozen, "flatten", head).predict_on_batch(picture))
    assert answered.shape == (1, 5)
    assert answered.argmax() == 4  # pomeranian


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_the_network_from_scratch_is_trained_and_its_weights_fit(
    photos: Path, tmp_path: Path, precision: Literal["float32", "mixed_bfloat16"]
) -> None:  # fmt: skip
    recipe = replace(FROM_SCRATCH, precision=precision)

    result = recipe.result("scratch", context(photos, tmp_path))

    assert (result.epochs, result.weights, result.dense_layers) == (2, "", 4)
    assert keras.config.dtype_policy().name == "float32"
    build_scratch(5, 24, (16, 8, 8)).load_weights(next(tmp_path.glob("*/network.weights.h5")))
    assert not list(tmp_path.glob("*/checkpoint/*.h5"))


def test_resnet50_at_its_size_runs_in_the_serving_engine(photos: Path, tmp_path: Path) -> None:
    recipe = StudyRecipe("ResNet50 pooling + dense", "resnet50", weights="none", epochs=2, batch_size=1024)

    result = recipe.result("five", context(photos, tmp_path))

    assert result.weights == "random 1"
    assert next((tmp_path / "features").iterdir()).name.startswith("resnet50-pooling-served-")


def test_a_run_is_in_mlflow_with_the_studys_columns(photos: Path, tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    tracking = Tracking(sqlite_store(tmp_path), tmp_path / "artefacts")

    result = ON_VGG16.result("five", context(photos, tmp_path / "work", tracking))

    client = mlflow.MlflowClient(tracking_uri=sqlite_store(tmp_path))
    experiment = client.get_experiment_by_name("breedbot")
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.run_name, run.info.status) == ("five", "FINISHED")
    assert run.data.metrics["accuracy"] == pytest.approx(result.accuracy)
    assert run.data.metrics["loss"] == pytest.approx(result.loss)
    wanted = {
        "test name": "VGG16 flatten + dense + dense", "dense layers": "2", "epochs": "40", "optimizer": "adam",
        "weights": result.weights,
    }  # fmt: skip
    assert wanted.items() <= run.data.params.items()
    assert run.data.tags["notes"] == "irish_wolfhound stands in for scottish_deerhound"
    assert len(client.get_metric_history(run.info.run_id, "val_loss")) == result.epochs
    artefacts = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert artefacts == {"history.json", "confusion_matrix.png"}


def test_a_missing_weights_file_is_named_before_a_photo_is_read(tmp_path: Path) -> None:
    asked = replace(context(tmp_path / "none", tmp_path), backbone_weights=tmp_path / "gone.h5")

    with pytest.raises(WeightsError, match=r"gone\.h5: no such file"):
        ON_VGG16.result("five", asked)


def test_weights_for_a_network_from_scratch_are_refused(tmp_path: Path) -> None:
    asked = replace(context(tmp_path, tmp_path), backbone_weights=tmp_path / "some.h5")

    with pytest.raises(RecipeError, match="five-scratch starts from nothing: leave --backbone-weights out"):
        FROM_SCRATCH.result("five-scratch", asked)
