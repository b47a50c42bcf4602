"""The steps that turn labelled photos and ImageNet weights into a model to ship; recipes/default.py sets their numbers.

Every step leaves its result in the work folder and is skipped when it is there, so a killed run goes on where it was.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.atomic_file import whole_file, write_whole
from core.breeds.catalogue import NOT_A_DOG
from inference.engine.openvino import OpenVinoBackbone
from inference.engine.openvino_graph import computes_in_bf16
from inference.model import efficientnet_lite2
from inference.model.artefact import sha256
from inference.model.head import Head, softmax
from inference.model.network import PackedNetwork
from inference.model.weights import PackedConv, read_packed_weights, write_packed_weights
from inference.photo.preprocess import Preprocessing
from training.data.check.copies import copies
from training.data.check.photo_scan import ScannedPhoto, scan
from training.data.read.dataset import DatasetError, LabelledPhoto
from training.data.read.label_list import DIGITS, relabelled
from training.data.read.labelled_photo import unreadable
from training.data.read.split import Split, split_by_hash
from training.default.best_head import best_head
from training.default.export import backbone_id
from training.default.fine_tune import FineTuning, fine_tune
from training.default.keras_backbone import load_backbone, pack
from training.features.feature_cache import FeatureCache, ServingExtractor
from training.features.ir_extractor import IrExtractor
from training.features.labelled_features import LabelledFeatures
from training.heads.calibrate import calibrate
from training.heads.head_fit import fit_head
from training.heads.out_of_fold import out_of_fold

MADE_FROM = "made-from.json"
TEACHER_L2: Final = 0.06  # measured: docs/decisions/0025-no-more-fine-tuning.md


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers of a recipe.

    Attributes:
        validation: share of the photos for the gate's golden features; one half of them chooses the penalty, the other
            sets temperature and thresholds and chooses nothing.
        test: share that nothing is chosen by.
        l2: penalties to choose from: the strongest that is as likely as any.
        head_soften: share of the final head's targets that is the teacher's answer.
        never_learned: list of photos, by the first digits of their SHA-256, that the weights to begin with have not
            seen; None where they have seen none.
        labels: list of wrong labels (`training/data/read/label_list.py`); None takes all as they are.
        fine_tuning: None keeps the backbone as it came.
        exemplars: training photos a breed whose features are kept for replay.
        caveat: list item of the model card about where the recipe's weights come from.
    """

    validation: float = 0.1
    test: float = 0.1
    seed: int = 1
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    l2: tuple[float, ...] = (0.01, 0.03, 0.06, 0.12, 0.25)
    head_soften: float = 0.0
    never_learned: Path | None = None
    labels: Path | None = None
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

    @property
    def rejects(self) -> bool:
        """Whether it has learned what is not a dog."""
        return NOT_A_DOG in self.train.labels

    @property
    def is_pair(self) -> bool:
        """Whether the backbone is two networks."""
        return efficientnet_lite2.STEM in self.weights


def build(
    plan: Plan, photos: Sequence[LabelledPhoto], imagenet: Path | None, work: Path, teacher: Path | None = None
) -> BuiltModel:
    """Run every step that has not been run in ``work``.

    Args:
        plan: the recipe's numbers.
        photos: labelled, with groups.
        imagenet: weights of ResNet50, of Keras, or packed ones, alone or with EfficientNet-Lite2's; None downloads
            Keras'.
        work: folder for results between the steps; belongs to one plan and one data set.
        teacher: a better network in OpenVINO's format (`training/networks/convert_teacher.py`); None lets the
            backbone's own features soften the targets.

    Raises:
        DatasetError: ``work`` holds results made from something else, or a photo cannot be read.
    """
    work.mkdir(parents=True, exist_ok=True)
    split = split_photos(plan, photos, work)
    _claim(work, plan, split, imagenet, teacher)
    labels = (*sorted({photo.breed for photo in split.train} - {NOT_A_DOG}), NOT_A_DOG)
    soft = _Soft(split.train, labels, teacher, plan, work)
    weights = _tuned_weights(plan, split, labels, imagenet, work, soft)
    name = "imagenet" if plan.fine_tuning is None else "tuned"
    train, validation, test = _features(weights, split, plan.preprocessing, work, name)
    choosing, calibrating = halves(validation)
    targets = soft.targets(plan.head_soften, train)
    head, l2 = best_head(train, targets, choosing, labels, plan.l2)
    calibrated = calibrate(head, calibrating.features, calibrating.labels)
    return BuiltModel(weights, calibrated, l2, split, train, validation, test)


def split_photos(plan: Plan, photos: Sequence[LabelledPhoto], work: Path) -> Split:
    """The parts, wrong labels put right and copies kept out of each other's way; which those are is kept in ``work``.

    Raises:
        DatasetError: a photo cannot be read.
    """
    listed = list(photos) if plan.labels is None else relabelled(photos, plan.labels)
    looked = scan(listed)
    if broken := {one.photo.path: one.error for one in looked if one.error is not None}:
        raise unreadable(broken)
    sketches = np.stack([one.sketch for one in looked])
    path = work / f"copies-{hashlib.sha256(sketches.tobytes()).hexdigest()[:16]}.npy"
    if not path.exists():
        with whole_file(path) as temporary:
            _save_pairs(copies(sketches), temporary)
    alike = np.load(path, allow_pickle=False).tolist()
    fresh = set() if plan.never_learned is None else _fresh(looked, plan.never_learned)
    return split_by_hash(listed, validation=plan.validation, test=plan.test, seed=plan.seed, alike=alike, fresh=fresh)


def _fresh(looked: Sequence[ScannedPhoto], table: Path) -> set[str]:
    """Groups all of whose photos are listed."""
    listed = set(table.read_text(encoding="utf-8").split())
    groups = {one.photo.group for one in looked}
    return groups - {one.photo.group for one in looked if one.sha256[:DIGITS] not in listed}


def _save_pairs(pairs: Sequence[tuple[int, int]], path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.array(pairs, np.int64).reshape(-1, 2), allow_pickle=False)


def halves(part: LabelledFeatures) -> tuple[LabelledFeatures, LabelledFeatures]:
    """Every other photo of each label, and the others."""
    second = np.zeros(len(part.labels), np.bool_)
    for label in np.unique(part.labels):
        second[np.flatnonzero(part.labels == label)[1::2]] = True
    return tuple(LabelledFeatures(part.features[rows], part.labels[rows]) for rows in (~second, second))  # type: ignore[return-value]


def choose_exemplars(train: LabelledFeatures, each: int, seed: int) -> LabelledFeatures:
    """Draw up to ``each`` rows a label; twice as many of ``not_a_dog``, which is many things at once."""
    rng = np.random.default_rng(seed)
    rows: list[int] = []
    for label in np.unique(train.labels):
        members = np.flatnonzero(train.labels == label)
        rows += rng.permutation(members)[: each * (2 if label == NOT_A_DOG else 1)].tolist()
    chosen = np.array(sorted(rows))
    return LabelledFeatures(train.features[chosen], train.labels[chosen])


def _claim(work: Path, plan: Plan, split: Split, imagenet: Path | None, teacher: Path | None) -> None:
    """Tie a work folder to what its results depend on: rows of other photos would be taken for this run's."""
    parts = (split.train, split.validation, split.test)
    photos = [[(photo.breed, photo.path.name) for photo in part] for part in parts]
    stated = {
        "split": hashlib.sha256(repr(photos).encode()).hexdigest(),
        "imagenet": "download" if imagenet is None else sha256(imagenet),
        "teacher": "none" if teacher is None else sha256(teacher.with_suffix(".bin")),
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
    plan: Plan, split: Split, labels: tuple[str, ...], imagenet: Path | None, work: Path, soft: "_Soft"
) -> dict[str, PackedConv]:
    def imagenet_weights() -> dict[str, PackedConv]:
        if imagenet is not None and imagenet.suffix == ".npz":
            return read_packed_weights(imagenet)
        return pack(load_backbone(imagenet))

    def tuned_weights() -> dict[str, PackedConv]:
        assert plan.fine_tuning is not None  # noqa: S101 (checked below)
        title = "features of train photos, imagenet"
        own = _kept_features(work / "imagenet-train.npz", base, split.train, plan.preprocessing, title)
        targets = soft.targets(plan.fine_tuning.soften, own)
        start = fit_head(own.features, targets, len(labels), l2=TEACHER_L2)
        keras_model: Any = load_backbone(imagenet, _precision(), plan.fine_tuning.input_px)
        fine_tune(keras_model, base, start, split.train, targets, split.validation, labels, plan.fine_tuning, work)
        return pack(keras_model)

    base = _kept_weights(work / "imagenet-weights.npz", imagenet_weights)
    if plan.fine_tuning is None:
        return base
    if efficientnet_lite2.STEM in base:
        raise DatasetError(f"{imagenet}: holds two networks; only ResNet50 alone can be fine-tuned")
    return _kept_weights(work / "tuned-weights.npz", tuned_weights)


def _precision() -> str:
    return "mixed_bfloat16" if computes_in_bf16() else "float32"


@dataclass(frozen=True, slots=True)
class _Soft:
    """What heads that never saw a photo say of it; the teacher looks when it is first asked."""

    photos: Sequence[LabelledPhoto]
    labels: tuple[str, ...]
    teacher: Path | None
    plan: Plan
    work: Path

    def targets(self, share: float, own: LabelledFeatures) -> NDArray[np.float32]:
        """float32 [photos, labels]: given labels, and this share of soft ones; ``own``: the backbone's features."""
        columns = _columns(own, self.labels)
        given: NDArray[np.float32] = np.eye(len(self.labels), dtype=np.float32)[columns]
        if not share:
            return given
        path = self.work / ("soft-targets.npz" if self.teacher else "own-soft-targets.npz")
        if not path.exists():
            with whole_file(path) as temporary:
                np.savez_compressed(temporary, answers=self._answers(own.features, columns))
        with np.load(path, allow_pickle=False) as arrays:
            return np.asarray((1 - share) * given + share * arrays["answers"], np.float32)

    def _answers(self, own: NDArray[np.floating], columns: NDArray[np.intp]) -> NDArray[np.float32]:
        """Of the backbone's and the teacher's heads together: their geometric mean beats either."""
        groups = [photo.group for photo in self.photos]
        networks = [own] if self.teacher is None else [own, self._teacher_features(self.teacher)]
        said = [
            out_of_fold(features, columns, groups, len(self.labels), seed=self.plan.seed, l2=TEACHER_L2)
            for features in networks
        ]
        return softmax(np.mean([np.log(np.maximum(answers, 1e-9)) for answers in said], axis=0))

    def _teacher_features(self, teacher: Path) -> NDArray[np.float16]:
        cache = FeatureCache(self.work / "features")
        return cache.features(IrExtractor(teacher), self.photos, title="features by the teacher")


def _features(
    weights: dict[str, PackedConv], split: Split, preprocessing: Preprocessing, work: Path, name: str
) -> list[LabelledFeatures]:
    parts = (("train", split.train), ("validation", split.validation), ("test", split.test))
    return [
        _kept_features(
            work / f"{name}-{part}.npz", weights, photos, preprocessing, f"features of {part} photos, {name}"
        )
        for part, photos in parts
    ]


def _kept_features(
    path: Path, weights: dict[str, PackedConv], photos: Sequence[LabelledPhoto], fit: Preprocessing, title: str
) -> LabelledFeatures:
    if not path.exists():
        network = PackedNetwork(weights, fit.input_px)
        extractor = ServingExtractor(backbone_id(network, fit), OpenVinoBackbone(network), fit.decode)
        rows = FeatureCache(path.parent / "features").features(extractor, photos, title=title)
        with whole_file(path) as temporary:
            np.savez_compressed(temporary, features=rows)
    with np.load(path, allow_pickle=False) as arrays:
        return LabelledFeatures(arrays["features"], np.array([photo.breed for photo in photos]))


def _columns(part: LabelledFeatures, labels: tuple[str, ...]) -> NDArray[np.intp]:
    return np.array([labels.index(label) for label in part.labels])


def _kept_weights(path: Path, make: Callable[[], dict[str, PackedConv]]) -> dict[str, PackedConv]:
    if not path.exists():
        convs = make()
        with whole_file(path) as temporary:
            write_packed_weights(temporary, convs)
    return read_packed_weights(path)
