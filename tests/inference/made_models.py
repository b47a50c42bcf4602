"""Models that are whole and valid but small on disk and known by heart: every photo has the features one asks for."""

import json
from collections.abc import Mapping
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from inference.model import efficientnet_lite2
from inference.model.artefact import MANIFEST, hash_files
from inference.model.head import Calibration, Head
from inference.model.network import WEIGHTS, PackedNetwork
from inference.model.resnet50 import FEATURES, kernel_shapes
from inference.model.weights import PackedConv, write_packed_weights
from inference.photo.preprocess import Preprocessing
from inference.store.folder_store import ModelStore
from training.default.export import fill_backbone, fill_head
from training.features.labelled_features import LabelledFeatures

LABELS = ("beagle", "borzoi", "pug", NOT_A_DOG)
EACH = FEATURES // len(LABELS)


def features_of(label: str) -> NDArray[np.float32]:
    """float32 [2048] that a straight head reads as this label."""
    features = np.full(FEATURES, 0.1, np.float32)
    features[LABELS.index(label) * EACH :][:EACH] = 1
    return features


def straight_head(model: str, backbone: str, labels: tuple[str, ...] = LABELS) -> Head:
    """Reads every ``features_of`` rightly, unless ``labels`` are in another order."""
    weights = np.zeros((FEATURES, len(labels)), np.float32)
    for column in range(len(labels)):
        weights[column * EACH :][:EACH, column] = 0.02
    return Head(model, backbone, labels, weights, np.zeros(len(labels), np.float32), Calibration())


@cache
def _silent() -> Mapping[str, PackedConv]:
    return {
        name: PackedConv(np.zeros(shape, np.int8), np.ones(shape[-1], np.float32), np.zeros(shape[-1], np.float32))
        for name, shape in kernel_shapes().items()
    }


def constant_weights(features: NDArray[np.float32]) -> dict[str, PackedConv]:
    """ResNet50 that gives these features for every photo: all kernels are zero, the last bias speaks."""
    last = _silent()["conv5_block3_3_conv"]
    return {**_silent(), "conv5_block3_3_conv": PackedConv(last.kernel, last.scale, features)}


def random_pair(input_px: int) -> PackedNetwork:
    """Two networks in one that have learned nothing, and do not die away."""
    rng = np.random.default_rng(1)
    weights = {}
    for name, shape in (kernel_shapes() | efficientnet_lite2.kernel_shapes()).items():
        spread = np.sqrt(2 / prod(shape[:3])) / (128 if name in {"conv1_conv", efficientnet_lite2.STEM} else 1)
        kernel = rng.normal(scale=spread, size=shape).astype(np.float32)
        weights[name] = PackedConv.quantise(kernel, rng.normal(scale=0.1, size=shape[-1]).astype(np.float32))
    return PackedNetwork(weights, input_px)


def add_backbone(
    store: ModelStore, backbone: str, label: str = "beagle", expected: NDArray[np.float32] | None = None
) -> Path:
    """A backbone that takes every photo for ``label``; ``expected`` other than its features fails its self-check."""
    features = features_of(label)
    golden = LabelledFeatures(np.stack([features_of(one) for one in LABELS]).astype(np.float16), np.array(LABELS))

    def fill(folder: Path) -> None:
        write_packed_weights(folder / WEIGHTS, constant_weights(features))
        network, seen = {"architecture": "resnet50"}, features if expected is None else expected
        fill_backbone(folder, backbone, network, Preprocessing(), seen, golden, golden, {"note": "made for a test"})

    return store.add("backbones", backbone, fill)


def add_head(store: ModelStore, model: str, backbone: str, labels: tuple[str, ...] = LABELS) -> Path:
    """A head that promises to know every golden photo; with ``labels`` in another order it does not."""
    promise = {"selfcheck": {"golden_top1": 1.0}}
    head = straight_head(model, backbone, labels)
    return store.add("heads", model, lambda folder: fill_head(folder, head, "# card\n", {}, promise))


def made_store(root: Path) -> ModelStore:
    """A store with the champion "first" and the candidate "second" on the backbone "bones"; nothing is shipped."""
    store = ModelStore(root, shipped=root / "nothing-shipped")
    add_backbone(store, "bones")
    add_head(store, "first", "bones")
    add_head(store, "second", "bones")
    store.promote("first")
    return store


def restate(folder: Path, **changes: Any) -> None:
    """Change keys of a manifest (``...`` removes one) and state the hashes of the files as they lie there now."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"] = hash_files(folder)
    for key, value in changes.items():
        if value is ...:
            del manifest[key]
        else:
            manifest[key] = value
    path.write_text(json.dumps(manifest), encoding="utf-8")
