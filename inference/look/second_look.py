"""The second look at a photo, step by step: it says what the network shall see next, and is told what it saw.

It computes no network itself, so that whoever does can put the steps of many photos into the same batches.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import WHOLE_PHOTO, Box, Kind, Prediction
from inference.look.dogs import CutOut, Whole, dogs_among
from inference.look.policy import DEFAULT_POLICY, LookPolicy
from inference.look.windows import Cells, area, best_windows, overlap, scan_size
from inference.model.head import Head
from inference.photo.preprocess import REDUCING_GAP, Preprocessing, box_of, seen_region

SIDE_PX = 448  # short side to ask of the decoder: the smallest window's cut-out still fills the network's input
TURNS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """One larger pass: uint8 [H, W, 3] → the logits of its cells, float32 [h, w, labels]."""

    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """Ordinary inputs: uint8 [N, input_px, input_px, 3] → features [N, D]."""

    pixels: NDArray[np.uint8]


Found = tuple[Prediction, ...]
Steps = Generator[Scan | Squares, NDArray[np.floating], Found]


def next_step(steps: Steps, seen: NDArray[np.floating] | None) -> Scan | Squares | Found:
    """What to show next, or in the end what was found. `seen`: of what was shown last; None begins."""
    try:
        return steps.send(seen)  # type: ignore[arg-type]  # None begins
    except StopIteration as end:
        found: Found = end.value
        return found


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What it needs to know of a model."""

    head: Head
    preprocessing: Preprocessing
    policy: LookPolicy = DEFAULT_POLICY

    def wanted(self, first: Prediction, width: int, height: int) -> bool:
        """Whether the first look does not suffice for a photo of this size."""
        unsure = first.kind is not Kind.BREED or first.top[0].confidence < self.policy.sure
        kept = area(seen_box(width, height, self.preprocessing))
        return unsure or kept < self.policy.keeps or min(width, height) < self.policy.small_px

    def steps(self, photo: Image.Image, first: Prediction) -> Steps:
        """Look again at an RGB photo, decoded at a short side of `SIDE_PX` or more; returns one prediction a dog."""
        seen_whole = first.features
        if first.kind is not Kind.NOT_A_DOG:
            seen_whole = _mean(seen_whole, (yield Squares(self.preprocessing.fit(photo)[None, :, ::-1]))[0])
            mirrored = self._said(seen_whole, WHOLE_PHOTO, photo.size)
            if not self.wanted(mirrored, *photo.size):
                return (mirrored,)
        cells = Cells((yield Scan(_resized(photo, scan_size(*photo.size)))) / self.head.calibration.temperature)
        no_dog = self.head.labels.index(NOT_A_DOG)
        windows = best_windows(cells, no_dog, min(photo.size), self.policy)
        before = 0.0 if first.kind is Kind.NOT_A_DOG else first.top[0].confidence
        margin = 0.0 if before < self.policy.turned else self.policy.margin
        boxes = [_square_around(window.box, photo.size, margin) for window in windows]
        if before < self.policy.turned and max((one.sure for one in windows), default=0.0) < self.policy.upright:
            turned = yield from self._turned(photo, first)
            if turned is not None:
                return (self._said(turned, WHOLE_PHOTO, photo.size),)
        cut_outs: list[CutOut] = []
        few = self.policy.looked_at
        while len(cut_outs) < len(boxes) and all(self._is_named(one, no_dog) for one in cut_outs):
            some = slice(len(cut_outs), len(cut_outs) + few)
            features = yield Squares(
                np.stack([cut_out(photo, box, self.preprocessing.input_px) for box in boxes[some]])
            )
            seen = zip(boxes[some], windows[some], features, self.head.probabilities(features), strict=True)
            cut_outs += [CutOut(box, window.score, vector, row) for box, window, vector, row in seen]
        whole = Whole(
            seen_box(*photo.size, self.preprocessing), first.features, self.head.probabilities(first.features[None])[0]
        )
        dogs = dogs_among(cut_outs, whole, cells, no_dog, self.policy)
        if len(dogs) > 1:
            said = [self._said(dog[0].features, dog[0].box, photo.size) for dog in dogs]
            return tuple(sorted(said, key=lambda one: -area(one.box)))
        if dogs:
            return (self._one_dog(dogs[0][0], whole, first, seen_whole, photo.size),)
        return (self._said(seen_whole, WHOLE_PHOTO, photo.size),)

    def _turned(
        self, photo: Image.Image, first: Prediction
    ) -> Generator[Squares, NDArray[np.floating], NDArray[np.floating] | None]:
        """The features of the surest of three turns, float [D], if it shows a dog better than the photo as it came."""
        turns = yield Squares(np.stack([self.preprocessing.fit(photo.transpose(turn)) for turn in TURNS]))
        breeds = [label != NOT_A_DOG for label in self.head.labels]
        sure = self.head.probabilities(turns)[:, breeds].max(axis=1)
        logits = self.head.logits(np.stack([first.features, *turns]))[:, breeds].max(axis=1)
        best = int(sure.argmax())
        gained = float(logits[1 + best] - logits[0]) / self.head.calibration.temperature
        wins = sure[best] >= self.policy.turned_sure and gained >= self.policy.turned_gain
        return turns[best] if wins else None

    def _is_named(self, one: CutOut, no_dog: int) -> bool:
        return float(np.delete(one.probabilities, no_dog).max()) >= self.policy.named

    def _one_dog(
        self, best: CutOut, whole: Whole, first: Prediction, seen_whole: NDArray[np.floating], size: tuple[int, int]
    ) -> Prediction:
        """One feature for the whole photo, mirrored and not, and its best cut-out, if all show the dog."""
        if first.kind is Kind.NOT_A_DOG or overlap(best.box, whole.box) < 0.5:
            said = self._said(best.features, best.box, size)
            return said if said.top[0].confidence >= self.policy.found else first
        return self._said(_mean(seen_whole, seen_whole, best.features), best.box, size)

    def _said(self, features: NDArray[np.floating], box: Box, size: tuple[int, int]) -> Prediction:
        side_px = min(box.width * size[0], box.height * size[1])
        softened, most = self.policy.small(side_px)
        said = self.head.predictions(features[None], softened)[0]
        while said.top[0].confidence > most:
            softened *= 1.2
            said = self.head.predictions(features[None], softened)[0]
        return replace(said, box=box)


def _mean(*features: NDArray[np.floating]) -> NDArray[np.float16]:
    """Of some views of one dog: float [D] each."""
    return np.asarray(np.mean(features, axis=0, dtype=np.float32), np.float16)


def seen_box(width: int, height: int, preprocessing: Preprocessing) -> Box:
    """What the first look shows to the network, as far as it is inside the photo."""
    return box_of(seen_region(width, height, preprocessing), (width, height))


def _square_around(window: Box, size: tuple[int, int], margin: float) -> Box:
    """A square around a window, inside the photo."""
    width, height = size
    side = min(max(window.width * width, window.height * height) * (1 + 2 * margin), width, height)
    left = min(max((window.left + window.width / 2) * width - side / 2, 0), width - side)
    top = min(max((window.top + window.height / 2) * height - side / 2, 0), height - side)
    return Box(left / width, top / height, side / width, side / height)


def cut_out(photo: Image.Image, box: Box, side_px: int) -> NDArray[np.uint8]:
    """A part of an RGB photo, as the network sees it: uint8 [side_px, side_px, 3]."""
    return _resized(photo, (side_px, side_px), box)


def _resized(photo: Image.Image, size: tuple[int, int], box: Box = WHOLE_PHOTO) -> NDArray[np.uint8]:
    left, top = box.left * photo.width, box.top * photo.height
    right = min(left + box.width * photo.width, photo.width)
    bottom = min(top + box.height * photo.height, photo.height)
    resampling = Image.Resampling.BILINEAR
    return np.array(photo.resize(size, resampling, box=(left, top, right, bottom), reducing_gap=REDUCING_GAP))
