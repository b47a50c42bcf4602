"""A network trained end to end on photos: decoded, prepared and varied batch by batch, so memory does not grow."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from inference.photo.decode import PhotoError, decode
from inference.photo.file_batches import read_photo
from inference.photo.preprocess import Preprocessing
from inference.worker.settings import available_cores
from training.data.read.labelled_photo import DatasetError, LabelledPhoto, unreadable
from training.data.read.split import Split
from training.heads.head_training import Trained
from training.interruptible import interruptible
from training.pictures.augmentation_presets import Augment
from training.pictures.image_steps import ImageSteps
from training.studies.reference.checkpoint import Checkpoint, Epoch


@dataclass(frozen=True, slots=True)
class PhotoTraining:
    """How to train on photos.

    Attributes:
        preprocessing: how photos become the network's input where they are not varied.
        steps: on every photo, before that.
        augment: on training photos.
        batch_size: photos a step.
        epochs: at most.
        patience: epochs without a lower validation loss; None trains to the end.
        seed: shuffles and varies; each epoch differently, and a resumed one as it would have been.
    """

    preprocessing: Preprocessing
    steps: ImageSteps
    augment: Augment
    batch_size: int
    epochs: int
    patience: int | None
    seed: int


class PhotoBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras is untyped
    """One epoch's batches: uint8 [N, px, px, 3] and columns int [N]."""

    def __init__(
        self, photos: Sequence[LabelledPhoto], classes: Sequence[str], plan: PhotoTraining, epoch: int | None = None
    ) -> None:
        """Read nothing yet.

        Args:
            photos: to look at.
            classes: breeds in the order of the network's outputs.
            plan: how.
            epoch: shuffles and varies as this epoch's turn wants it; None leaves order and photos as they are.
        """
        super().__init__(workers=available_cores())
        self.failure: DatasetError | None = None
        self._photos, self._plan, self._epoch = list(photos), plan, epoch
        self._column = {breed: number for number, breed in enumerate(classes)}
        if epoch is not None:
            random.Random(f"{plan.seed} {epoch}").shuffle(self._photos)  # noqa: S311 (not a secret)

    def __len__(self) -> int:
        """Batches, the last one perhaps smaller."""
        return math.ceil(len(self._photos) / self._plan.batch_size)

    def __getitem__(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """A batch; called from several threads."""
        size = self._plan.batch_size
        batch = self._photos[number * size : (number + 1) * size]
        pixels = np.stack([self._pixels(photo) for photo in batch])
        return pixels, np.array([self._column[photo.breed] for photo in batch])

    def _pixels(self, photo: LabelledPhoto) -> NDArray[np.uint8]:
        plan = self._plan
        try:
            image = plan.steps(decode(read_photo(photo.path)))
        except PhotoError as error:
            self.failure = unreadable({photo.path: error})
            raise self.failure from error
        if self._epoch is None:
            return plan.preprocessing(image)
        rng = random.Random(f"{plan.seed} {self._epoch} {photo.breed}/{photo.path.name}")  # noqa: S311 (not a secret)
        return plan.augment(image, plan.preprocessing.input_px, rng)


def train_on_photos(
    model: Any,
    optimizer: Any,
    split: Split,
    classes: Sequence[str],
    plan: PhotoTraining,
    work: Path,
    after_epoch: Callable[[int, Epoch], None],
) -> Trained:
    """Train until the validation loss stops falling, going on where a killed run was; the best epoch's weights win.

    Args:
        model: Keras, uint8 [N, px, px, 3] → probabilities float32 [N, classes].
        optimizer: Keras, fresh.
        split: training and validation photos.
        classes: breeds in the order of the outputs.
        plan: how.
        work: folder for checkpoints.
        after_epoch: told each finished epoch's number, from 0, and its numbers.

    Raises:
        DatasetError: a photo cannot be read; the message names it.
    """
    checkpoint = Checkpoint(work)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    checkpoint.resume(model)
    seconds = sum(epoch["seconds"] for epoch in checkpoint.history)
    with Progress(console=Console(stderr=True)) as bar, interruptible() as ctrl_c:
        task = bar.add_task("training", total=plan.epochs, completed=len(checkpoint.history))
        while len(checkpoint.history) < plan.epochs and not checkpoint.exhausted(plan.patience):
            number, started = len(checkpoint.history), perf_counter()
            shown = _shown(lambda share: bar.update(task, completed=share), number, len(split.train) / plan.batch_size)
            logs = _one_epoch(model, split, classes, plan, number, [shown, ctrl_c])
            taken = perf_counter() - started
            seconds += taken
            checkpoint.keep(model, {**logs, "seconds": taken})
            after_epoch(number, logs)
    checkpoint.restore_best(model)
    return Trained(model, checkpoint.history, seconds)


def probabilities(
    model: Any, photos: Sequence[LabelledPhoto], classes: Sequence[str], plan: PhotoTraining
) -> NDArray[np.float32]:
    """float32 [N, classes] of photos as they are."""
    batches = PhotoBatches(photos, classes, plan)
    answers = (model(batches[number][0], training=False) for number in range(len(batches)))
    return np.concatenate([keras.ops.convert_to_numpy(one) for one in answers])


def _shown(told: Callable[[float], None], epoch: int, batches: float) -> Any:
    """A Keras callback that tells how many epochs are done, this one's share included."""
    return keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: told(epoch + (batch + 1) / math.ceil(batches))  # noqa: ARG005 (Keras names it)
    )


def _one_epoch(
    model: Any,
    split: Split,
    classes: Sequence[str],
    plan: PhotoTraining,
    number: int,
    callbacks: list[Any],
) -> dict[str, float]:
    train = PhotoBatches(split.train, classes, plan, number)
    held_back = PhotoBatches(split.validation, classes, plan)
    try:
        # Keras would shuffle the batches by its global generator, whose state no checkpoint holds.
        logs = model.fit(train, validation_data=held_back, shuffle=False, callbacks=callbacks, verbose=0).history
    except Exception:  # TensorFlow wraps what a data set raises in errors of its own
        if (failure := train.failure or held_back.failure) is not None:
            raise failure from None
        raise
    return {key: float(values[-1]) for key, values in logs.items()}
