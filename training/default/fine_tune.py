"""Gentle fine-tuning on a CPU: the serving engine runs the frozen trunk, Keras trains only the tail behind it.

OpenVINO computes the trunk's maps of freshly augmented photos about three times as fast as a training framework would,
so no map is ever cached and no augmentation repeated. ``KERAS_BACKEND=torch`` trains the tail 1.5 times as fast as
TensorFlow on a CPU (docs/decisions/0007-frozen-trunk-in-the-serving-engine.md).
"""

import io
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from scipy.special import log_softmax

from core.atomic_file import write_whole
from inference.engine.openvino_graph import build_graph, compile_graph, computes_in_bf16
from inference.model.network import PackedNetwork
from inference.model.resnet50 import FEATURES
from inference.model.weights import PackedConv
from inference.photo.decode import decode
from inference.photo.preprocess import Preprocessing
from training.data.read.dataset import LabelledPhoto
from training.heads.head_fit import FittedHead
from training.interruptible import interruptible
from training.pictures.augment import Augmentation

Measured = tuple[float, float]  # log loss and top-1 on the validation photos


@dataclass(frozen=True, slots=True)
class FineTuning:
    """What to train and how gently.

    Attributes:
        frozen_until: last frozen block, "conv4_block6" trains conv5 only.
        learning_rate: peak; AdamW with a short warm-up and a cosine to zero.
        soften: share of each target that is the answer of heads which never saw the photo, the teacher's where there is
            one: look-alikes and wrong labels are taught as what they are (Furlanello et al. 2018,
            https://arxiv.org/abs/1805.04770).
        mixup: Beta(a, a) parameter (Zhang et al. 2017, https://arxiv.org/abs/1710.09412); 0 switches it off.
        step: how far to go from the weights before training (0) to those after (1); in between both generalise
            better than either (Wortsman et al. 2021, https://arxiv.org/abs/2109.01903).
        input_px: side of the training photos. Crops enlarge the dogs; smaller photos than those that are served make up
            for it, at half the time (Touvron et al. 2019, https://arxiv.org/abs/1906.06423).
        checkpoint_every: batches; what a kill loses.
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
    input_px: int = 224
    checkpoint_every: int = 100
    seed: int = 1
    augmentation: Augmentation = field(default_factory=Augmentation)


class Trunk:
    """The frozen first blocks in the serving engine."""

    def __init__(self, weights: dict[str, PackedConv], until: str, input_px: int) -> None:
        """Compile the blocks up to and including ``until``."""
        network, bf16 = PackedNetwork(weights, input_px), computes_in_bf16()
        self._compiled = compile_graph(build_graph(network, until=until, bf16=bf16), bf16=bf16)
        self._one_at_a_time = Lock()

    def maps(self, photos: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 [N, side, side, 3] → float32 [N, height, width, channels]; for several threads at once, too."""
        with self._one_at_a_time:
            maps: NDArray[np.float32] = self._compiled(photos)["map"].copy()
        return maps


class FreshCrops:
    """Batches of (trunk maps, soft labels): every epoch varies every photo anew.

    What a batch holds depends on the plan's seed and the batch's number alone, so a training goes on after a kill as
    if nothing had happened.
    """

    def __init__(
        self, photos: Sequence[LabelledPhoto], targets: NDArray[np.float32], trunk: Trunk, plan: FineTuning
    ) -> None:
        """Read nothing yet: photos are decoded batch by batch, so memory does not grow with the data set."""
        self._photos, self._targets, self._trunk, self._plan = photos, targets, trunk, plan
        self.an_epoch = len(photos) // plan.batch_size

    def __getitem__(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Maps float32 [N, h, w, c] and targets float32 [N, classes] of a batch, counted over all epochs."""
        epoch, place = divmod(number, self.an_epoch)
        order = self._rng(f"epoch {epoch}").sample(range(len(self._photos)), len(self._photos))
        size, rng = self._plan.batch_size, self._rng(f"batch {number}")
        rows = order[place * size : (place + 1) * size]
        augment = self._plan.augmentation
        pixels = np.stack(
            [augment(decode(self._photos[row].path.read_bytes()), self._plan.input_px, rng) for row in rows]
        )
        targets = self._targets[rows]
        if self._plan.mixup:
            pixels, targets = _mix(pixels, targets, rng.betavariate(self._plan.mixup, self._plan.mixup))
        return self._trunk.maps(pixels), targets

    def _rng(self, what: str) -> random.Random:
        return random.Random(f"{self._plan.seed} {what}")  # noqa: S311 (not a secret)


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
    """Train the tail of ``backbone`` in place, starting from a fitted head; goes on from ``work`` after a kill.

    The same plan, photos and machine give the same weights, killed in between or not.

    Args:
        backbone: Keras ResNet50 without its top, for photos of ``plan.input_px``.
        trunk_weights: the same weights for the serving engine.
        head: fitted to the backbone's features as they are before.
        train: photos to learn from.
        targets: float32 [len(train), labels], rows sum to 1.
        validation: photos to watch progress by.
        labels: columns of the targets.
        plan: what to train.
        work: folder of the checkpoint and of ``history.csv``.
    """
    trunk = Trunk(trunk_weights, plan.frozen_until, plan.input_px)
    crops = FreshCrops(train, targets, trunk, plan)
    total = crops.an_epoch * plan.epochs
    before = backbone.get_weights()
    model = _tail(backbone, head, plan, total)
    work.mkdir(parents=True, exist_ok=True)
    checkpoint = TrainingCheckpoint(work / "fine-tuning.npz", model)
    held_back = _HeldBack(validation, labels, trunk, plan)
    done, history = checkpoint.restore()
    with ThreadPoolExecutor(1) as ahead, Progress(console=Console(stderr=True)) as shown, interruptible() as ctrl_c:
        bar = shown.add_task("fine-tuning", total=total, completed=done)
        coming = ahead.submit(crops.__getitem__, done)
        for number in range(done, total):
            batch, coming = coming.result(), ahead.submit(crops.__getitem__, min(number + 1, total - 1))
            model.train_on_batch(*batch)
            shown.update(bar, advance=1)
            ended = (number + 1) % crops.an_epoch == 0
            if ended:
                history.append(held_back.measure(model))
                _write_history(work / "history.csv", history)
            if ended or (number + 1) % plan.checkpoint_every == 0:
                checkpoint.keep(number + 1, history)
            ctrl_c.on_train_batch_end(number, None)
    between = [old + plan.step * (new - old) for old, new in zip(before, backbone.get_weights(), strict=True)]
    backbone.set_weights(between)


class TrainingCheckpoint:
    """Weights, optimiser and history in one file, written as a whole or not at all."""

    def __init__(self, path: Path, model: Any) -> None:
        """Touch nothing yet; ``model`` is compiled."""
        model.optimizer.build(model.trainable_variables)
        self._path = path
        self._variables = [*model.variables, *model.optimizer.variables]

    def keep(self, batches: int, history: Sequence[Measured]) -> None:
        """State that so many batches are done."""
        arrays = {f"{place}": keras.ops.convert_to_numpy(one) for place, one in enumerate(self._variables)}
        content = io.BytesIO()
        np.savez(content, batches=batches, history=np.array(history), **arrays)
        write_whole(self._path, content.getvalue())

    def restore(self) -> tuple[int, list[Measured]]:
        """Set the model to what was kept; batches that are done, and the history."""
        if not self._path.exists():
            return 0, []
        with np.load(self._path, allow_pickle=False) as arrays:
            for place, one in enumerate(self._variables):
                one.assign(arrays[f"{place}"])
            return int(arrays["batches"]), [(float(loss), float(top1)) for loss, top1 in arrays["history"]]


class _HeldBack:
    """The validation photos, in the size that is trained on."""

    def __init__(self, photos: Sequence[LabelledPhoto], labels: Sequence[str], trunk: Trunk, plan: FineTuning) -> None:
        self._photos, self._trunk, self._size, self._px = photos, trunk, plan.batch_size, plan.input_px
        self._columns = np.array([labels.index(photo.breed) for photo in photos])

    def measure(self, model: Any) -> Measured:
        """Log loss and top-1 as the tail is now."""
        fit = Preprocessing(self._px, self._px)
        parts = []
        for start in range(0, len(self._photos), self._size):
            some = self._photos[start : start + self._size]
            pixels = np.stack([fit.decode(photo.path.read_bytes()) for photo in some])
            parts.append(keras.ops.convert_to_numpy(model.predict_on_batch(self._trunk.maps(pixels))))
        likely = log_softmax(np.concatenate(parts).astype(np.float64), axis=1)
        rows = np.arange(len(self._columns))
        return -float(likely[rows, self._columns].mean()), float((likely.argmax(axis=1) == self._columns).mean())


def _mix(
    pixels: NDArray[np.uint8], targets: NDArray[np.float32], share: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    kept = max(share, 1 - share)
    mixed = np.rint(kept * pixels.astype(np.float32) + (1 - kept) * pixels[::-1]).astype(np.uint8)
    return mixed, np.asarray(kept * targets + (1 - kept) * targets[::-1], np.float32)


def _tail(backbone: Any, head: FittedHead, plan: FineTuning, steps: int) -> Any:
    keras.utils.set_random_seed(plan.seed)
    for layer in backbone.layers:
        layer.trainable = not layer.name.endswith("_bn")  # folded or frozen statistics: the network is brittle without
    tail = keras.Model(backbone.get_layer(f"{plan.frozen_until}_out").output, backbone.output)
    dense = keras.layers.Dense(len(head.bias), dtype="float32")
    maps = keras.Input(tail.input.shape[1:])
    logits = dense(keras.layers.GlobalAveragePooling2D(dtype="float32")(tail(maps, training=False)))
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
    model.compile(optimizer, loss)
    return model


def _write_history(path: Path, history: Sequence[Measured]) -> None:
    rows = [f"{epoch},{loss:.5f},{top1:.5f}" for epoch, (loss, top1) in enumerate(history, 1)]
    write_whole(path, "\n".join(["epoch,val_loss,val_top1", *rows, ""]).encode())
