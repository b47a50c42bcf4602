"""Training that a kill cannot undo: after each epoch its whole state is on disk, or that of the epoch before still is.

Keras' BackupAndRestore writes weights and epoch number one after the other, in place: killed between the two it resumes
in the wrong epoch, killed within one it cannot resume. Here one small file, renamed into place, says what counts.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.atomic_file import whole_file, write_whole

MONITORED = "val_loss"
_HISTORY = "history.json"

Epoch = Mapping[str, float]


def best_epoch(history: list[Epoch]) -> int:
    """Number, from 1, of the epoch with the least validation loss; the first of equals."""
    return min(range(len(history)), key=lambda number: history[number][MONITORED]) + 1


class Checkpoint:
    """The epochs of one training run in a folder, with the weights of the latest and of the best."""

    def __init__(self, folder: Path) -> None:
        """Look what an earlier try has left there."""
        self._folder = folder
        self._file = folder / _HISTORY
        self.history: list[Epoch] = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else []

    def resume(self, model: Any) -> None:
        """Give a compiled model the latest weights and its optimizer's state, if there are any."""
        if self.history:
            model.optimizer.build(model.trainable_variables)
            model.load_weights(self._weights(len(self.history)))

    def keep(self, model: Any, epoch: Epoch) -> None:
        """Keep the state after one more epoch.

        Raises:
            OSError: the disk is full; what was kept before stays.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        history = [*self.history, epoch]
        save_weights(model, self._weights(len(history)))
        write_whole(self._file, json.dumps(history).encode())
        self.history = history
        needed = {self._weights(len(history)), self._weights(best_epoch(history))}
        for path in set(self._folder.glob("*.weights.h5")) - needed:
            path.unlink()

    def exhausted(self, patience: int | None) -> bool:
        """Whether the validation loss has not fallen for ``patience`` epochs."""
        return patience is not None and bool(self.history) and len(self.history) - best_epoch(self.history) >= patience

    def restore_best(self, model: Any) -> None:
        """Give the model the weights of its best epoch."""
        model.load_weights(self._weights(best_epoch(self.history)))

    def clear(self) -> None:
        """Remove the weights; what they were needed for is kept elsewhere."""
        for path in self._folder.glob("*.weights.h5"):
            path.unlink()

    def _weights(self, epoch: int) -> Path:
        return self._folder / f"epoch-{epoch:04d}.weights.h5"


def save_weights(model: Any, path: Path) -> None:
    """Write a model's weights (with its optimizer's state if it is compiled) as a whole or not at all."""
    with whole_file(path) as temporary:
        model.save_weights(temporary)
