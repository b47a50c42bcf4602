"""Which cut-outs are dogs, and which of them are one and the same. Pure NumPy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from core.breeds.look_alikes import look_alike
from core.prediction import Box
from inference.look.policy import LookPolicy
from inference.look.windows import Cells, Window, around, overlap
from inference.model.head import softmax


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """A window that was looked at alone.

    Attributes:
        box: what was looked at.
        window: what was seen there before.
        features: float16 [D], the mean of what was seen of it alone and of what its window is in the photo.
        probabilities: float32 [labels], of these.
        alone: float32 [labels], of what was seen of it alone.
    """

    box: Box
    window: Window
    features: NDArray[np.floating]
    probabilities: NDArray[np.float32]
    alone: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """What the first look saw: its box (the crop of the middle), float32 [labels]."""

    box: Box
    probabilities: NDArray[np.float32]


def dogs_among(
    cut_outs: list[CutOut], whole: Whole, cells: Cells, labels: Sequence[str], policy: LookPolicy
) -> list[list[CutOut]]:
    """The cut-outs of each dog, that of the best window first; a photo that shows none has no list.

    One dog must not be answered as several: two cut-outs are two dogs only where each is sure of another breed and was
    a good window already, where no parts of one dog explain them, and where both are surer still or neither the whole
    photo nor what lies around both is sure of one of the breeds.
    """
    no_dog = labels.index(NOT_A_DOG)
    seen = [one for one in cut_outs if 1 - one.probabilities[no_dog] >= policy.dog]
    if not seen:
        return []
    dogs: list[list[CutOut]] = [seen[:1]]
    for one in seen[1:]:
        same = next((dog for dog in dogs if _is_same(one, dog[0], whole, cells, labels, policy)), None)
        if same is not None:
            same.append(one)
        elif best_breed(one, no_dog)[1] >= policy.named and one.window.score >= policy.second_score:
            dogs.append([one])
    return dogs


def _is_same(one: CutOut, other: CutOut, whole: Whole, cells: Cells, labels: Sequence[str], policy: LookPolicy) -> bool:
    no_dog = labels.index(NOT_A_DOG)
    (breed, sure), (other_breed, other_sure) = best_breed(one, no_dog), best_breed(other, no_dog)
    common = float(np.minimum(one.probabilities, other.probabilities).sum())
    shared_px = overlap(one.box, other.box)
    if breed == other_breed or common > policy.shared or shared_px > 0.5:
        return True
    if shared_px > 0 and look_alike(labels[breed], labels[other_breed]):
        return True  # a hound's head is often like one hound and its body like another
    if min(sure, other_sure) >= policy.both_sure:
        return False
    both = softmax(cells.within(around([one.box, other.box])))
    views = [both]
    if overlap(one.box, whole.box) > 0.5 and overlap(other.box, whole.box) > 0.5:
        views.append(whole.probabilities)
    return any(max(view[breed], view[other_breed]) >= policy.whole_sure for view in views)


def best_breed(one: CutOut, no_dog: int) -> tuple[int, float]:
    """The column of the breed that is most probable, and its probability."""
    breeds = one.probabilities.copy()
    breeds[no_dog] = 0
    return int(breeds.argmax()), float(breeds.max())
