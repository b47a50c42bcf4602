"""Gentle fine-tuning on a CPU: the serving engine runs the frozen trunk, Keras trains only the tail behind it.

OpenVINO computes the trunk's maps of freshly augmented photos about three times as fast as a training framework would,
so no map is ever cached and no augmentation repeated. ``KERAS_BACKEND=torch`` trains the tail 1.5 times as fast as
TensorFlow on a CPU (docs/training.md has the measurement).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inference.engine.openvino_graph import build_graph, compile_graph, computes_in_bf16
from inference.model.network import PackedResNet50
from inference.model.resnet50 import FEATURES, INPUT_PX
from inference.model.weights import PackedConv
from inference.photo.decode import decode
from inference.photo.preprocess import Preprocessing
from training.data.read.dataset import LabelledPhoto
from training.heads.head_fit import FittedHead
from training.interruptible import interruptible
from training.pictures.augment import Augmentation


@dataclass(frozen=True, slots=True)
class FineTuning:
    """What to train and how gently.

    Attributes:
        frozen_until: last frozen block, "conv4_block6" trains conv5 only.
        learning_rate: peak; AdamW with a short warm-up and a cosine to zero.
        soften: share of each target that is the answer of heads which never saw the photo: look-alikes and wrong labels
            are taught as what they are (self-distillation, Furlanello et al. 2018, https://arxiv.org/abs/1805.04770).
        mixup: Beta(a, a) parameter (Zhang et al. 2017, https://arxiv.org/abs/1710.09412); 0 switches it off.
        step: how far to go from the weights before training (0) to those after (1); in between both generalise
            better than either (Wortsman et al. 2021, https://arxiv.org/abs/2109.01903).
    """

    frozen_until: str = "conv4_block6"
    epochs: int = 4
    batch_size: int = 32
    learning_rate: float = 8e-5
    warm_up_steps: int = 100
    weight_decay: float = 0.01
    label_smoothing: float = 0.1
    soften: float = 0.0
    mixup: float = 0.2
    step: float = 0.4
    seed: int = 1
    augmentation: Augmentation = field(default_factory=Augmentation)


class Trunk:
    """The frozen first blocks in the serving engine."""

    def __init__(self, weights: dict[str, PackedConv], until: str) -> None:
        """Compile the blocks up to and including ``until``."""
        network, bf16 = PackedResNet50(weights, INPUT_PX), computes_in_bf16()
        self._compiled = compile_graph(build_graph(network, until=until, bf16=bf16), bf16=bf16)

    def maps(self, photos: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 [N, 224, 224, 3] → float32 [N, height, width, channels]."""
        maps: NDArray[np.float32] = self._compiled(photos)["map"].copy()
        return maps


class FreshCrops(keras.utils.PyDataset):  # type: ignore[misc]  # Keras is untyped
    """Batches of (trunk maps, soft labels): every epoch varies every photo anew."""

    def __init__(
        self, photos: Sequence[LabelledPhoto], targets: NDArray[np.float32], trunk: Trunk, plan: FineTuning
    ) -> None:
        """Read nothing yet: photos are decoded batch by batch, so memory does not grow with the data set."""
        super().__init__()
        self._photos, self._targets, self._trunk, self._plan = photos, targets, trunk, plan
        self._order = list(range(len(photos)))
        self._rng = random.Random(plan.seed)  # noqa: S311 (not a secret)

    def __len__(self) -> int:
        """Batches an epoch."""
        return len(self._photos) // self._plan.batch_size

    def on_epoch_begin(self) -> None:
        """Shuffle."""
        self._rng.shuffle(self._order)

    def __getitem__(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The batch's maps float32 [N, h, w, c] and targets float32 [N, classes]."""
        size = self._plan.batch_size
        rows = self._order[number * size : (number + 1) * size]
        augment = self._plan.augmentation
        pixels = np.stack([augment(decode(self._photos[row].path.read_bytes()), INPUT_PX, self._rng) for row in rows])
        targets = self._targets[rows]
        if self._plan.mixup:
            pixels, targets = self._mix(pixels, targets)
        return self._trunk.maps(pixels), targets

    def _mix(
        self, pixels: NDArray[np.uint8], targets: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        kept = self._rng.betavariate(self._plan.mixup, self._plan.mixup)
        kept = max(kept, 1 - kept)
        mixed = np.rint(kept * pixels.astype(np.float32) + (1 - kept) * pixels[::-1]).astype(np.uint8)
        return mixed, kept * targets + (1 - kept) * targets[::-1]


def fine_tune(
    backbone: Any,
    trunk_weights: dict[str, PackedConv],
    head: FittedHead,
    train: Sequence[LabelledPhoto],
    targets: NDArray[np.float32],
    validation: Sequence[LabelledPhoto],
    labels: Sequence[str],
    plan: FineTuning,
    work: Path,
) -> None:
    """Train the tail of ``backbone`` in place, starting from a fitted head; resumes from ``work`` after a kill.

    Args:
        backbone: Keras ResNet50 without its top.
        trunk_weights: the same weights for the serving engine.
        head: fitted to the backbone's features as they are before.
        train: photos to learn from.
        targets: float32 [len(train), labels], rows sum to 1.
        validation: photos to watch progress by.
        labels: columns of the targets.
        plan: what to train.
        work: folder of the checkpoint and of ``history.csv``.
    """
    trunk = Trunk(trunk_weights, plan.frozen_until)
    crops = FreshCrops(train, targets, trunk, plan)
    model = _tail(backbone, head, plan, steps=len(crops) * plan.epochs)
    index = [labels.index(photo.breed) for photo in validation]
    held_back = (_validation_maps(validation, trunk), np.eye(len(labels), dtype=np.float32)[index])
    work.mkdir(parents=True, exist_ok=True)
    before = backbone.get_weights()
    kept = keras.callbacks.BackupAndRestore(str(work / "resume"), delete_checkpoint=False)
    logged = keras.callbacks.CSVLogger(str(work / "history.csv"), append=True)
    with interruptible() as ctrl_c:
        model.fit(crops, epochs=plan.epochs, validation_data=held_back, callbacks=[kept, logged, ctrl_c])
    between = [old + plan.step * (new - old) for old, new in zip(before, backbone.get_weights(), strict=True)]
    backbone.set_weights(between)


def _tail(backbone: Any, head: FittedHead, plan: FineTuning, steps: int) -> Any:
    for layer in backbone.layers:
        layer.trainable = not layer.name.endswith("_bn")  # folded or frozen statistics: the network is brittle without
    tail = keras.Model(backbone.get_layer(f"{plan.frozen_until}_out").output, backbone.output)
    dense = keras.layers.Dense(len(head.bias), dtype="float32")
    maps = keras.Input(tail.input.shape[1:])
    logits = dense(keras.layers.GlobalAveragePooling2D()(tail(maps, training=False)))
    model = keras.Model(maps, logits)
    if head.weights.shape[0] != FEATURES:
        raise ValueError(f"head takes {head.weights.shape[0]} features, the backbone gives {FEATURES}")
    dense.set_weights([head.weights, head.bias])
    warm_up = min(plan.warm_up_steps, steps // 2)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warm_up, warmup_target=plan.learning_rate, warmup_steps=warm_up
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=plan.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=plan.label_smoothing)
    top3 = keras.metrics.TopKCategoricalAccuracy(3, name="top3")
    model.compile(optimizer, loss, metrics=["accuracy", top3])
    return model


def _validation_maps(photos: Sequence[LabelledPhoto], trunk: Trunk) -> NDArray[np.float32]:
    fit = Preprocessing()
    batches = [photos[start : start + 32] for start in range(0, len(photos), 32)]
    return np.concatenate(
        [trunk.maps(np.stack([fit.decode(photo.path.read_bytes()) for photo in batch])) for batch in batches]
    )
