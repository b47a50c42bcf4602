"""The second look at a photo, step by step: it says what the network shall see next, and is told what it saw.

It computes no network itself, so that whoever does can put the steps of many photos into the same batches.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.breeds.catalogue import NOT_A_DOG
from core.breeds.look_alikes import look_alike
from core.prediction import WHOLE_PHOTO, Box, Kind, Prediction
from inference.look.dogs import CutOut, Whole, best_breed, dogs_among
from inference.look.policy import DEFAULT_POLICY, FINE_PX, LookPolicy
from inference.look.windows import Cells, Window, area, best_windows, overlap, scan_size, touched
from inference.model.head import Head
from inference.photo.preprocess import REDUCING_GAP, Preprocessing, seen_box

SIDE_PX = 600  # short side to ask of the decoder: of a photo that has so much, the smallest window has pixels enough
SOFTEST = 40.0
TURNS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """One larger pass: uint8 [H, W, 3] → the features of its cells, float32 [h, w, D]."""

    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """Ordinary inputs: uint8 [N, input_px, input_px, 3] → features [N, D]."""

    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _Searched:
    """A photo and its larger pass: float [h, w, D], what its cells answer, and whether its dogs are taken for large."""

    photo: Image.Image
    positions: NDArray[np.floating]
    cells: Cells
    large: bool


Found = tuple[Prediction, ...]
Steps = Generator[Scan | Squares | Found, Any, None]
"""Each tells what to show next, and is sent what was seen of it (None begins); the last one tells what was found."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What it needs to know of a model."""

    head: Head
    preprocessing: Preprocessing
    policy: LookPolicy = DEFAULT_POLICY

    def wanted(self, first: Prediction, width: int, height: int) -> bool:
        """Whether the first look does not suffice for a photo of this size."""
        kept = area(seen_box(width, height, self.preprocessing))
        return not self._is_sure(first) or kept < self.policy.keeps or min(width, height) < self.policy.small_px

    def steps(self, photo: Image.Image, first: Prediction) -> Steps:
        """Look again at an RGB photo, decoded at a short side of `SIDE_PX` or more; last comes one prediction a dog."""
        seen_whole = first.features
        if first.kind is not Kind.NOT_A_DOG:
            seen_whole = _mean(seen_whole, (yield Squares(self.preprocessing.fit(photo)[None, :, ::-1]))[0])
            mirrored = self._said(seen_whole, WHOLE_PHOTO, photo.size)
            if not self.wanted(mirrored, *photo.size):
                yield (mirrored,)
                return
        crop = seen_box(*photo.size, self.preprocessing)
        dogs = yield from self._dogs(photo, first, crop)
        if len(dogs) > 1:
            said = [self._alone(dog, photo.size, self.policy.several_doubt) for dog in dogs]
            yield tuple(sorted(said, key=lambda one: -area(one.box)))
            return
        one = self._one_dog(dogs[0], crop, first, seen_whole, photo.size) if dogs else None
        one = one or self._said(seen_whole, WHOLE_PHOTO, photo.size)
        if not self._is_sure(one) and (turned := (yield from self._turned(photo, first, dogs))) is not None:
            one = self._said(turned, WHOLE_PHOTO, photo.size)
        yield (one,)

    def _dogs(
        self, photo: Image.Image, first: Prediction, crop: Box
    ) -> Generator[Scan | Squares, NDArray[np.floating], list[CutOut]]:
        """The best cut-out of each dog: found in a larger pass, then looked at alone.

        The best window may hold several dogs, a collage's, of which one is seen: where smaller ones are good windows
        of breeds that do not look alike, they are looked at, too. Where a photo has no pixels for a window that is less
        than what the first look saw (`crop`), there is nothing to find.
        """
        policy, no_dog = self.policy, self.head.labels.index(NOT_A_DOG)
        largest = max(share for share in policy.windows if share < 1)
        if area(crop) >= policy.keeps and largest * min(photo.size) < policy.window_px:
            return []
        searched = yield from self._search(photo, large=first.not_a_dog < policy.small_from)
        best = partial(best_windows, no_dog=no_dog, short_px=min(photo.size), policy=policy)
        windows = best(searched.cells, shares=policy.large_windows if searched.large else policy.windows)
        is_fine = min(photo.size) >= FINE_PX
        if searched.large and is_fine and all(one.score < policy.large_score for one in windows):
            searched = yield from self._search(photo, large=False)
            windows = best(searched.cells, shares=policy.windows)
        dogs = (yield from self._dogs_in(windows, searched, first, crop)) if windows else []
        if len(dogs) == 1:
            parts = best(searched.cells, shares=policy.part_windows)
            breeds = {self.head.labels[part.breed] for part in parts}
            if any(not look_alike(*two) for two in combinations(breeds, 2)):
                several = yield from self._dogs_in(parts, searched, first, crop)
                dogs = several if sum(best_breed(one, no_dog)[1] >= policy.sure for one in several) > 1 else dogs
        return dogs

    def _search(self, photo: Image.Image, *, large: bool) -> Generator[Scan | Squares, NDArray[np.floating], _Searched]:
        positions = yield Scan(_resized(photo, scan_size(*photo.size, large=large)))
        cells = Cells(self.head.logits(positions) / self.head.calibration.temperature)
        return _Searched(photo, positions, cells, large)

    def _dogs_in(
        self, windows: list[Window], searched: _Searched, first: Prediction, crop: Box
    ) -> Generator[Scan | Squares, NDArray[np.floating], list[CutOut]]:
        """The best cut-out of each dog that these windows show, looked at alone."""
        policy, photo, no_dog = self.policy, searched.photo, self.head.labels.index(NOT_A_DOG)
        margin, weight = (policy.margin, policy.large_window_weight) if searched.large else (0.0, policy.window_weight)
        cut_outs: list[CutOut] = []
        while len(cut_outs) < len(windows) and all(best_breed(one, no_dog)[1] >= policy.named for one in cut_outs):
            some = windows[len(cut_outs) :][: policy.looked_at]
            boxes = [_square_around(window.box, photo.size, margin) for window in some]
            alone = yield Squares(np.stack([cut_out(photo, box, self.preprocessing.input_px) for box in boxes]))
            in_photo = np.stack([_within(searched.positions, window.box) for window in some])
            features = ((alone + weight * in_photo) / (1 + weight)).astype(np.float16)
            rows = zip(features, self.head.probabilities(features), self.head.probabilities(alone), strict=True)
            cut_outs += [CutOut(box, one, *row) for box, one, row in zip(boxes, some, rows, strict=True)]
        whole = Whole(crop, self.head.probabilities(first.features[None])[0])
        return [dog[0] for dog in dogs_among(cut_outs, whole, searched.cells, self.head.labels, policy)]

    def _turned(
        self, photo: Image.Image, first: Prediction, dogs: list[CutOut]
    ) -> Generator[Squares, NDArray[np.floating], NDArray[np.floating] | None]:
        """The features of the best of three turns, float [D], if it shows a dog better than the photo as it came.

        None: it does not, or the photo is surely upright, or surely shows no dog that lies on its side.
        """
        if first.not_a_dog >= self.policy.empty:
            return None
        is_typical = self.head.evidence(first.features[None])[0] >= self.policy.turned
        is_fine = first.not_a_dog >= self.policy.small_from and min(photo.size) >= FINE_PX
        if is_typical or (is_fine and dogs and dogs[0].window.sure >= self.policy.upright):
            return None
        upright = [first.features, *(dog.features for dog in dogs)]
        turns = yield Squares(np.stack([self.preprocessing.fit(photo.transpose(turn)) for turn in TURNS]))
        breeds = [label != NOT_A_DOG for label in self.head.labels]
        logits = self.head.logits(np.stack([*upright, *turns]))[:, breeds].max(axis=1)
        best = int(logits[len(upright) :].argmax())
        sure = float(self.head.probabilities(turns[best : best + 1])[0, breeds].max())
        gained = float(logits[len(upright) + best] - logits[: len(upright)].max()) / self.head.calibration.temperature
        likely = first.kind is not Kind.NOT_A_DOG and first.top[0].confidence >= self.policy.likely
        needed = self.policy.likely_turned_gain if likely else self.policy.turned_gain
        wins = sure >= self.policy.turned_sure and gained >= needed
        return turns[best] if wins else None

    def _is_sure(self, one: Prediction) -> bool:
        return one.kind is Kind.BREED and one.top[0].confidence >= self.policy.sure

    def _one_dog(
        self, best: CutOut, crop: Box, first: Prediction, seen_whole: NDArray[np.floating], size: tuple[int, int]
    ) -> Prediction | None:
        """One feature for the whole photo, mirrored and not, and its best cut-out, if all show the dog; or the latter.

        None: where the first look saw no dog, it is no dog.
        """
        is_small = overlap(best.box, crop) < 0.5 or area(best.box) < self.policy.alone * area(crop)
        if first.kind is not Kind.NOT_A_DOG and not is_small:
            return self._said(_mean(seen_whole, seen_whole, best.features), best.box, size)
        said = self._alone(best, size)
        is_found = first.kind is not Kind.NOT_A_DOG or said.top[0].confidence >= self.policy.found
        return said if is_found else None

    def _alone(self, one: CutOut, size: tuple[int, int], softened: float = 1.0) -> Prediction:
        """A dog's answer, no surer than its cut-out alone is of that breed: good windows are sure of much."""
        best, _ = best_breed(one, self.head.labels.index(NOT_A_DOG))
        at_most = max(float(one.alone[best]), self.head.calibration.unsure_below)
        return self._said(one.features, one.box, size, softened, at_most)

    def _said(
        self,
        features: NDArray[np.floating],
        box: Box,
        size: tuple[int, int],
        softened: float = 1.0,
        at_most: float = 1.0,
    ) -> Prediction:
        """An answer about what few pixels show is softer, and never sure (`LookPolicy.small_px`)."""
        side_px, enough_px = min(box.width * size[0], box.height * size[1]), self.policy.small_px
        softened *= max(1.0, enough_px / max(side_px, 1.0)) ** 0.5
        at_most = min(at_most, 1 - self.policy.small_doubt * max(0.0, 1 - side_px / enough_px))
        said = self.head.predictions(features[None], softened)[0]
        while said.top[0].confidence > at_most and softened < SOFTEST:
            softened *= 1.2
            said = self.head.predictions(features[None], softened)[0]
        return replace(said, box=box)


def _within(positions: NDArray[np.floating], box: Box) -> NDArray[np.floating]:
    """What a part of a photo shows in a map [h, w, D] of it: features [D]."""
    rows, columns = touched(box, *positions.shape[:2])
    seen: NDArray[np.floating] = positions[rows, columns].mean(axis=(0, 1), dtype=np.float32)
    return seen


def _mean(*features: NDArray[np.floating]) -> NDArray[np.float16]:
    """Of some views of one dog: float [D] each."""
    return np.asarray(np.mean(features, axis=0, dtype=np.float32), np.float16)


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
