"""The shipped model in real engines, loaded once for all tests: compiling a network takes seconds."""

import random
from functools import cache
from pathlib import Path

import numpy as np
from checkout import SHARED
from numpy.typing import NDArray

from inference.engine.openvino import OpenVinoBackbone
from inference.model.artefact import BackboneArtefact
from inference.model.classifier import Classifier
from inference.model.head import Head
from inference.model.network import PackedNetwork
from inference.model.self_check import drawn_picture
from inference.store.folder_store import ModelStore


@cache
def shipped_head() -> Head:
    store = _store()
    return store.head(store.pointer().model).head()


@cache
def shipped_backbone() -> BackboneArtefact:
    return _store().backbone(shipped_head().backbone)


@cache
def shipped_network() -> PackedNetwork:
    network = shipped_backbone().network()
    assert isinstance(network, PackedNetwork)
    return network


@cache
def openvino() -> OpenVinoBackbone:
    return OpenVinoBackbone(shipped_network())


@cache
def openvino_classifier() -> Classifier:
    return Classifier(openvino(), shipped_head(), shipped_backbone().preprocessing)


def drawn_pictures(count: int, seed: int = 1) -> NDArray[np.uint8]:
    """uint8 [N, 224, 224, 3]: the self-check's picture moved, mirrored, recoloured and blotted, each another way."""
    rng = np.random.default_rng(seed)
    pictures = []
    for _ in range(count):
        picture = np.roll(drawn_picture(224), tuple(rng.integers(0, 224, 2)), (0, 1))[:, :: rng.choice([-1, 1])]
        picture = (picture[..., rng.permutation(3)] * rng.uniform(0.3, 1, 3)).astype(np.uint8)
        top, left, side = rng.integers(0, 160), rng.integers(0, 160), rng.integers(16, 64)
        picture[top : top + side, left : left + side] = rng.integers(0, 256, 3)
        pictures.append(picture)
    return np.stack(pictures)


def real_photos(count: int, each: int = 1) -> list[Path]:
    """All photos as people send them, and ``count`` spread over the breeds; empty where there are none."""
    rng = random.Random(1)
    folders = sorted((SHARED / "dogs").glob("*/"))
    spread = [photo for folder in folders for photo in rng.sample(sorted(folder.glob("*.webp")), each)]
    return sorted((SHARED / "originals").glob("*.jpg")) + rng.sample(spread, min(count, len(spread)))


def _store() -> ModelStore:
    return ModelStore(Path("nothing-of-the-host"))
