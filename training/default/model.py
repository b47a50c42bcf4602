"""The steps that turn labelled photos and ImageNet weights into a model to ship; recipes/default.py sets their numbers.

Every step leaves its result in the work folder and is skipped when it is there, so a killed run goes on where it was.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.atomic_file import whole_file, write_whole
from core.breeds.catalogue import NOT_A_DOG
from inference.engine.openvino import OpenVinoBackbone
from inference.model.artefact import sha256
from inference.model.backbone import Backbone
from inference.model.head import Calibration, Head
from inference.model.network import PackedResNet50
from inference.model.weights import PackedConv, read_packed_weights, write_packed_weights
from inference.photo.preprocess import Preprocessing
from training.data.read.dataset import DatasetError, LabelledPhoto
from training.data.read.split import Split, split_by_group
from training.default.fine_tune import FineTuning, fine_tune
from training.default.keras_backbone import load_backbone, pack
from training.features.labelled_features import LabelledFeatures, extract
from training.heads.calibrate import calibrate, negative_log_likelihood
from training.heads.head_fit import FittedHead, fit_head
from training.heads.out_of_fold import out_of_fold

MADE_FROM = "made-from.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers of a recipe.

    Attributes:
        validation: share of the photos for temperature, thresholds, penalty and the gate's golden features.
        test: share that nothing is chosen by.
        l2: penalties to choose from, by the validation part's likelihood.
        fine_tuning: None keeps the backbone as it came.
        exemplars: training photos a breed whose features are kept for replay.
        caveat: list item of the model card about where the recipe's weights come from.
    """

    validation: float = 0.1
    test: float = 0.1
    seed: int = 1
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    l2: tuple[float, ...] = (0.003, 0.01, 0.03)
    fine_tuning: FineTuning | None = field(default_factory=FineTuning)
    exemplars: int = 45
    caveat: str = "- The backbone started from Keras' ImageNet weights of ResNet50."


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """What there is to export.

    Attributes:
        weights: the backbone's convolutions.
        head: fitted and calibrated; its ids are still to be given.
        l2: the penalty that won.
        split: who was in which part.
        train, validation, test: features of the parts.
    """

    weights: dict[str, PackedConv]
    head: Head
    l2: float
    split: Split
    train: LabelledFeatures
    validation: LabelledFeatures
    test: LabelledFeatures


def build(plan: Plan, photos: Sequence[LabelledPhoto], imagenet: Path | None, work: Path) -> BuiltModel:
    """Run every step that has not been run in ``work``.

    Args:
        plan: the recipe's numbers.
        photos: labelled, with groups.
        imagenet: Keras weights file of ResNet50 without its top; None downloads the official one.
        work: folder for results between the steps; belongs to one plan and one data set.

    Raises:
        DatasetError: ``work`` holds results made from something else, or a photo cannot be read.
    """
    work.mkdir(parents=True, exist_ok=True)
    split = split_by_group(photos, validation=plan.validation, test=plan.test, seed=plan.seed)
    _claim(work, plan, split, imagenet)
    labels = (*sorted({photo.breed for photo in photos} - {NOT_A_DOG}), NOT_A_DOG)
    weights = _tuned_weights(plan, split, labels, imagenet, work)
    name = "imagenet" if plan.fine_tuning is None else "tuned"
    train, validation, test = _features(weights, split, plan.preprocessing, work, name)
    head, l2 = _best_head(train, validation, labels, plan.l2)
    calibrated = calibrate(head, validation.features, validation.labels)
    return BuiltModel(weights, calibrated, l2, split, train, validation, test)


def choose_exemplars(train: LabelledFeatures, each: int, seed: int) -> LabelledFeatures:
    """Draw up to ``each`` rows a label; twice as many of ``not_a_dog``, which is many things at once."""
    rng = np.random.default_rng(seed)
    rows: list[int] = []
    for label in np.unique(train.labels):
        members = np.flatnonzero(train.labels == label)
        rows += rng.permutation(members)[: each * (2 if label == NOT_A_DOG else 1)].tolist()
    chosen = np.array(sorted(rows))
    return LabelledFeatures(train.features[chosen], train.labels[chosen])


def _claim(work: Path, plan: Plan, split: Split, imagenet: Path | None) -> None:
    """Tie a work folder to what its results depend on: rows of other photos would be taken for this run's."""
    parts = (split.train, split.validation, split.test)
    photos = [[(photo.breed, photo.path.name) for photo in part] for part in parts]
    stated = {
        "split": hashlib.sha256(repr(photos).encode()).hexdigest(),
        "imagenet": "download" if imagenet is None else sha256(imagenet),
        "preprocessing": repr(plan.preprocessing),
        **({} if plan.fine_tuning is None else {"fine_tuning": repr(plan.fine_tuning)}),
    }
    path = work / MADE_FROM
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if other := [key for key, value in stated.items() if found.get(key, value) != value]:
        raise DatasetError(f"{work}: holds results of another {', '.join(other)}; empty it or name another folder")
    write_whole(path, json.dumps({**found, **stated}, indent=1).encode())
    for leftover in work.glob(".*"):  # of a killed run
        leftover.unlink()


def _tuned_weights(
    plan: Plan, split: Split, labels: tuple[str, ...], imagenet: Path | None, work: Path
) -> dict[str, PackedConv]:
    def imagenet_weights() -> dict[str, PackedConv]:
        return pack(load_backbone(imagenet))

    def tuned_weights() -> dict[str, PackedConv]:
        assert plan.fine_tuning is not None  # noqa: S101 (checked below)
        train, validation, _ = _features(base, split, plan.preprocessing, work, "imagenet")
        head, _ = _best_head(train, validation, labels, plan.l2)
        keras_model: Any = load_backbone(imagenet)
        start = FittedHead(head.weights, head.bias)
        targets = _targets(split.train, train, labels, plan.fine_tuning.soften)
        fine_tune(keras_model, base, start, split.train, targets, split.validation, labels, plan.fine_tuning, work)
        return pack(keras_model)

    base = _kept_weights(work / "imagenet-weights.npz", imagenet_weights)
    if plan.fine_tuning is None:
        return base
    return _kept_weights(work / "tuned-weights.npz", tuned_weights)


def _targets(
    photos: Sequence[LabelledPhoto], train: LabelledFeatures, labels: tuple[str, ...], soften: float
) -> NDArray[np.float32]:
    columns = _columns(train, labels)
    given = np.eye(len(labels), dtype=np.float32)[columns]
    if not soften:
        return given
    groups = [photo.group for photo in photos]
    return (1 - soften) * given + soften * out_of_fold(train.features, columns, groups, len(labels))


def _features(
    weights: dict[str, PackedConv], split: Split, preprocessing: Preprocessing, work: Path, name: str
) -> list[LabelledFeatures]:
    backbone: Backbone | None = None
    parts = []
    for part, photos in (("train", split.train), ("validation", split.validation), ("test", split.test)):
        path = work / f"{name}-{part}.npz"
        if not path.exists():
            backbone = backbone or OpenVinoBackbone(PackedResNet50(weights, preprocessing.input_px))
            extracted = extract(backbone, photos, preprocessing.decode, f"features of {part} photos, {name}")
            with whole_file(path) as temporary:
                np.savez_compressed(temporary, features=extracted.features)
        with np.load(path, allow_pickle=False) as arrays:
            parts.append(LabelledFeatures(arrays["features"], np.array([photo.breed for photo in photos])))
    return parts


def _best_head(
    train: LabelledFeatures, validation: LabelledFeatures, labels: tuple[str, ...], penalties: Sequence[float]
) -> tuple[Head, float]:
    """The head whose penalty gives the held-back photos the best likelihood at its own best temperature."""
    columns = _columns(train, labels)
    fitted: list[tuple[float, float, Head]] = []
    for l2 in penalties:
        solved = fit_head(train.features, columns, len(labels), l2=l2)
        head = Head("unnamed", "unnamed", labels, solved.weights, solved.bias, Calibration())
        tempered = calibrate(head, validation.features, validation.labels)
        loss = negative_log_likelihood(tempered, validation.features, validation.labels)
        fitted.append((loss, l2, head))
    _, l2, head = min(fitted, key=lambda candidate: candidate[0])
    return head, l2


def _columns(part: LabelledFeatures, labels: tuple[str, ...]) -> NDArray[np.intp]:
    return np.array([labels.index(label) for label in part.labels])


def _kept_weights(path: Path, make: Callable[[], dict[str, PackedConv]]) -> dict[str, PackedConv]:
    if not path.exists():
        convs = make()
        with whole_file(path) as temporary:
            write_packed_weights(temporary, convs)
    return read_packed_weights(path)
