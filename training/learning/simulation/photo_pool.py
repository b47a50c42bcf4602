"""The photos of a simulation: a few to begin with, many that people will send, and two parts that are only measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from core.breeds.catalogue import NOT_A_DOG
from training.data.read.labelled_photo import DatasetError, LabelledPhoto
from training.data.read.split import split_by_group
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.photos.duplicates import same_photos

WIDTH = 512  # numbers a photo that heads are fitted to: as accurate as ResNet50's 2,048, in a fifth of the time
EACH = 5  # photos of each label that the first head knows
SHARE = 0.1  # of the photos, for each part that is measured: as the recipe `default` splits them
SPLIT_SEED = 1  # the same


@dataclass(frozen=True, eq=False)
class PhotoPool:
    """All photos, dealt.

    Attributes:
        labels: what there is; ``not_a_dog`` is the last.
        known: what the first head is fitted to.
        sent: what people send.
        duplicates: of `sent`: near-duplicates have the same number.
        golden: what the gate measures on.
        test: what nothing is decided by.
    """

    labels: tuple[str, ...]
    known: LabelledRows
    sent: LabelledRows
    duplicates: Sequence[int]
    golden: LabelledRows
    test: LabelledRows


class Photos:
    """Photos to deal: the split is always the same, but not which few are known at first.

    The split is that of the recipe `default`, so the shipped backbone was not tuned on the parts that are measured. On
    what people send it was; docs/trust.md says what that means.
    """

    def __init__(self, photos: Sequence[LabelledPhoto], features: NDArray[np.floating]) -> None:
        """Split, with features float [N, D] of the photos; raises DatasetError where there are too few."""
        place = {photo.path: row for row, photo in enumerate(photos)}
        split = split_by_group(photos, validation=SHARE, test=SHARE, seed=SPLIT_SEED)
        self._train, golden, test = (
            np.array([place[photo.path] for photo in part], np.intp)
            for part in (split.train, split.validation, split.test)
        )
        self.labels = (*sorted({photo.breed for photo in photos} - {NOT_A_DOG}), NOT_A_DOG)
        self._columns = np.array([photo.breed for photo in photos])
        short = [label for label in self.labels if (self._columns[self._train] == label).sum() <= EACH]
        if short or not len(golden) or not len(test):
            raise DatasetError(
                f"too few photos of {short[0] if short else 'all'}: {EACH} to begin with, and some to send"
            )
        self._features = reduced(features, self._train)
        self._golden, self._test = self._rows(golden), self._rows(test)
        names = [str(row) for row in self._train.tolist()]
        self._duplicates = np.array(same_photos(names, np.asarray(features[self._train], np.float32)))

    def deal(self, seed: int) -> PhotoPool:
        """Choose what the first head knows."""
        shuffled = np.random.default_rng(seed).permutation(len(self._train))
        labels = self._columns[self._train[shuffled]]
        known = np.concatenate([shuffled[labels == label][:EACH] for label in self.labels])
        sent = np.setdiff1d(shuffled, known)
        return PhotoPool(
            self.labels, self._rows(self._train[known]), self._rows(self._train[sent]), self._duplicates[sent].tolist(),
            self._golden, self._test,
        )  # fmt: skip

    def _rows(self, rows: NDArray[np.intp]) -> LabelledRows:
        return LabelledRows(self._features[rows], self._columns[rows])


def reduced(features: NDArray[np.floating], train: NDArray[np.intp], width: int = WIDTH) -> NDArray[np.float32]:
    """Principal components of the training part, by which no label is looked at: float32 [N, width]."""
    everything = np.asarray(features, np.float32)
    centre = everything[train].mean(axis=0)
    varied = everything[train] - centre
    size = varied.shape[1]
    directions = eigh(varied.T @ varied, subset_by_index=[max(size - width, 0), size - 1], check_finite=False)[1]
    return np.asarray((everything - centre) @ directions, np.float32)
