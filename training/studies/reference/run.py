"""One run of the study from photos to result: resumed where it was killed, and never repeated once it has ended."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.atomic_file import write_whole
from training.evaluation.answers import Answers
from training.evaluation.metrics import measure_answers
from training.evaluation.report.confusion_plot import confusion_plot
from training.evaluation.report.plot_theme import LIGHT, png
from training.features.base_features import Weights, base_extractor, weights_name
from training.features.extractor import Extractor
from training.features.feature_cache import FeatureCache
from training.heads.head_training import Examples, Trained, train_head
from training.networks import base, build_scratch, count_params, head_network, study_network
from training.pictures.augmentation_presets import preset
from training.recipe import Description, RecipeError, RunContext
from training.studies.reference.checkpoint import Checkpoint, Epoch, best_epoch, save_weights
from training.studies.reference.data import StudyData, study_data
from training.studies.reference.photo_training import PhotoTraining, probabilities, train_on_photos
from training.studies.reference.recipe import StudyRecipe
from training.studies.reference.result import StudyResult
from training.tracking.tracking import DatasetNote, TrackedRun

CHECKPOINT, HISTORY, CONFUSION, WEIGHTS = "checkpoint", "history.json", "confusion_matrix.png", "network.weights.h5"
_ROWS_A_CALL = 512

Probabilities = NDArray[np.float32]


def describe_study(recipe: StudyRecipe, name: str) -> Description:
    """Build the network with random weights and count."""
    px, classes = recipe.preprocessing.input_px, len(recipe.breeds)
    if recipe.network == "scratch":
        network = build_scratch(classes, px, recipe.dense)
    else:
        frozen = base(recipe.network, None, px)
        network = study_network(frozen, classes=classes, join=recipe.join, dense=recipe.dense)
    return Description(name, px, classes, *count_params(network))


def run_study(recipe: StudyRecipe, name: str, context: RunContext) -> StudyResult:
    """Train and measure; the run's folder below ``context.work`` is named by all that its numbers depend on."""
    weights, origin = _weights(recipe, name, context)
    data = study_data(
        context.photos, recipe.breeds, validation=recipe.validation, test=recipe.test, seed=recipe.seed,
        division=recipe.division,
    )  # fmt: skip
    folder = context.work / _key(recipe, data, origin)
    result = StudyResult.read(folder)
    if result is None:
        with _precision(recipe.precision):
            result = _made(recipe, name, data, weights, origin, context, folder)
    result.write(context.work)
    return result


def _made(
    recipe: StudyRecipe, name: str, data: StudyData, weights: Weights, origin: str, context: RunContext, folder: Path
) -> StudyResult:  # fmt: skip
    created, started = datetime.now(UTC), perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    extractor = None if recipe.network == "scratch" else _extractor(recipe, weights)  # or there is nothing to track
    with context.tracking.run(name, _parameters(recipe, origin), _tags(data, origin), folder) as tracked:
        tracked.dataset(DatasetNote(context.photos.name, data.fingerprint, str(context.photos)))
        if extractor is None:
            trained, answered = _from_scratch(recipe, data, folder, tracked)
        else:
            trained, answered = _on_features(recipe, data, extractor, context.feature_folder)
            tracked.curves([_curve(epoch) for epoch in trained.history])
        answers = Answers.of_probabilities([photo.breed for photo in data.split.test], data.classes, answered)
        duration_s = perf_counter() - started
        result = _result(recipe, name, data, origin, trained, answers, created, duration_s)
        _keep(folder, trained, answers)
        tracked.metrics(_final(result))
        tracked.files([folder / HISTORY, folder / CONFUSION])
        result.write(folder)
    return result


def _extractor(recipe: StudyRecipe, weights: Weights) -> Extractor:
    return base_extractor(
        recipe.network, recipe.join, weights, recipe.preprocessing, recipe.image_steps, recipe.seed
    )  # fmt: skip


def _on_features(
    recipe: StudyRecipe, data: StudyData, extractor: Extractor, cache: Path
) -> tuple[Trained, Probabilities]:
    features = FeatureCache(cache).features(extractor, data.photos, title=f"features, {recipe.network}")
    columns = np.array([data.classes.index(photo.breed) for photo in data.photos])
    first_held_back = len(data.split.train)
    first_test = first_held_back + len(data.split.validation)
    train = Examples(features[:first_held_back], columns[:first_held_back])
    validation = Examples(features[first_held_back:first_test], columns[first_held_back:first_test])
    keras.utils.set_random_seed(recipe.seed)
    trained = train_head(
        head_network(features.shape[1], len(data.classes), recipe.dense), _optimizer(recipe), train, validation,
        batch_size=recipe.batch_size, epochs=recipe.epochs, patience=recipe.patience, seed=recipe.seed,
    )  # fmt: skip
    return trained, _answers_of_head(trained.model, features[first_test:])


def _answers_of_head(model: Any, features: NDArray[np.float16]) -> Probabilities:
    # Called as a function: `predict` would be compiled anew for each run, which takes longer than the answers.
    parts = [features[start : start + _ROWS_A_CALL] for start in range(0, len(features), _ROWS_A_CALL)]
    return np.concatenate(
        [keras.ops.convert_to_numpy(model(np.asarray(part, np.float32), training=False)) for part in parts]
    )


def _from_scratch(
    recipe: StudyRecipe, data: StudyData, folder: Path, tracked: TrackedRun
) -> tuple[Trained, Probabilities]:
    plan = PhotoTraining(
        recipe.preprocessing, recipe.image_steps, preset(recipe.augmentation), recipe.batch_size, recipe.epochs,
        recipe.patience, recipe.seed,
    )  # fmt: skip
    keras.utils.set_random_seed(recipe.seed)
    model = build_scratch(len(data.classes), recipe.preprocessing.input_px, recipe.dense)
    trained = train_on_photos(
        model, _optimizer(recipe), data.split, data.classes, plan, folder / CHECKPOINT,
        lambda number, epoch: tracked.curves([_curve(epoch)], number),
    )  # fmt: skip
    return trained, probabilities(model, data.split.test, data.classes, plan)


def _result(
    recipe: StudyRecipe, name: str, data: StudyData, origin: str, trained: Trained, answers: Answers,
    created: datetime, duration_s: float,
) -> StudyResult:  # fmt: skip
    metrics = measure_answers(answers, resamples=0)
    top1, loss = metrics.top1, metrics.loss
    assert loss is not None  # noqa: S101 (the network names every breed of the test photos)
    split = data.split
    return StudyResult(
        name, created.isoformat(timespec="seconds"), duration_s, trained.seconds, top1.value, top1.low, top1.high, loss,
        metrics.precision, metrics.recall, metrics.f1, metrics.top3.value, metrics.ece, recipe.test_name,
        recipe.dense_layers, len(trained.history), best_epoch(trained.history), recipe.optimizer, data.classes,
        {"train": len(split.train), "validation": len(split.validation), "test": len(split.test)}, data.fingerprint,
        origin, keras.backend.backend(), data.notes, recipe.to_json(),
    )  # fmt: skip


def _keep(folder: Path, trained: Trained, answers: Answers) -> None:
    """Write what the result rests on; the checkpoints have done their duty then."""
    write_whole(folder / HISTORY, json.dumps([dict(epoch) for epoch in trained.history], indent=1).encode())
    write_whole(folder / CONFUSION, png(confusion_plot(answers, LIGHT)))
    bare = keras.models.clone_model(trained.model)  # without the optimizer, which is twice the size
    bare.set_weights(trained.model.get_weights())
    save_weights(bare, folder / WEIGHTS)
    Checkpoint(folder / CHECKPOINT).clear()


def _weights(recipe: StudyRecipe, name: str, context: RunContext) -> tuple[Weights, str]:
    """The base's weights, and their name."""
    if recipe.network == "scratch":
        if context.backbone_weights is not None:
            raise RecipeError(f"{name} starts from nothing: leave --backbone-weights out")
        return None, ""
    chosen: Weights = context.backbone_weights or ("imagenet" if recipe.weights == "imagenet" else None)
    return chosen, weights_name(chosen, recipe.seed)


def _key(recipe: StudyRecipe, data: StudyData, origin: str) -> str:
    told = json.dumps([recipe.to_json(), data.fingerprint, data.classes, origin], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _optimizer(recipe: StudyRecipe) -> Any:
    return {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[recipe.optimizer](recipe.learning_rate)


def _parameters(recipe: StudyRecipe, origin: str) -> dict[str, Any]:
    """The study's four columns first, then every number, and the weights that were truly used."""
    columns = {"test name": recipe.test_name, "dense layers": recipe.dense_layers}
    numbers = {key: value for key, value in recipe.to_json().items() if key != "test_name"}
    return columns | numbers | {"weights": origin or "none"}


def _tags(data: StudyData, origin: str) -> dict[str, str]:
    return {"classes": ", ".join(data.classes), "notes": "; ".join(data.notes), "weights": origin}


def _final(result: StudyResult) -> dict[str, float]:
    names = ("accuracy", "loss", "precision", "recall", "f1", "top3", "ece")
    numbers = {name: float(getattr(result, name)) for name in names}
    return numbers | {
        "train_seconds": result.train_s,
        "duration_seconds": result.duration_s,
        "epochs_trained": result.epochs,
    }


def _curve(epoch: Epoch) -> Mapping[str, float]:
    """Training's own loss and accuracy are named apart from those of the test photos."""
    return {key if key.startswith("val_") else f"train_{key}": value for key, value in epoch.items()}


@contextmanager
def _precision(policy: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
