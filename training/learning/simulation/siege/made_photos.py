"""Photos that attackers make of others: copies of golden ones, and dogs too blurred to be seen."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from core.breeds.catalogue import NOT_A_DOG
from inference.model.artefact import BackboneArtefact
from inference.photo.decode import decode_image
from training.data.check.copies import Sketches, sketch
from training.data.read.labelled_photo import LabelledPhoto
from training.features.extractor import Extractor, feature_rows
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.photos.duplicates import alike_any
from training.learning.retrain.directions import Directions
from training.learning.simulation.siege.attacks import ATTACK_DAY, DRIP, AttackKind

BLUR: Final = 0.015  # radius, in shorter sides
KEPT: Final = 0.85  # of either side, of a cut copy
_QUALITY: Final = 85

Make = Callable[[Image.Image], Iterable[Image.Image]]


@dataclass(frozen=True)
class MadePhotos:
    """What came of it.

    Attributes:
        rows: what they look like, and what they show.
        known: bool [N]; a retrain knows them as photos that models are measured on, and leaves them out.
    """

    rows: LabelledRows
    known: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        photos: Sequence[LabelledPhoto],
        make: Make,
        extractor: Extractor,
        golden: NDArray[np.floating],
        golden_sketches: Sketches | None,
    ) -> Self:
        """Make them of these photos, and look at them; `golden`: features float [M, D] of what models are measured on.

        Raises:
            PhotoError: a photo cannot be read.
            DatasetError: a feature is no number.
        """
        made = [(photo.breed, image) for photo in photos for image in make(decode_image(photo.path.read_bytes()))]
        files = [_jpeg(image) for _, image in made]
        names = [Path(str(number)) for number in range(len(files))]
        seen = feature_rows(extractor, names, "made photos", lambda name: files[int(name.name)])
        features = np.concatenate([np.asarray(rows, np.float32) for _, rows in seen])
        sketches = np.stack([sketch(image) for _, image in made])
        known = alike_any(features, golden, sketches, golden_sketches)
        return cls(LabelledRows(features, np.array([breed for breed, _ in made])), known)

    def along(self, directions: Directions) -> Self:
        """The same in fewer numbers."""
        return replace(self, rows=directions.rows(self.rows))


def made_for(
    kinds: Collection[AttackKind],
    photos: Sequence[LabelledPhoto],
    rows: LabelledRows,
    backbone: BackboneArtefact,
    extractor: Extractor,
) -> dict[AttackKind, MadePhotos]:
    """What these attacks need; `rows`: features of the photos.

    Raises:
        ArtefactError, PhotoError, DatasetError: the golden photos, or one of these, cannot be read.
    """
    golden, sketches = backbone.golden()[0], backbone.golden_sketches()
    measured_on = alike_any(rows.features, golden)
    drawn = np.random.default_rng(1).permutation(len(photos))
    leaked = drawn[measured_on[drawn] & (rows.labels[drawn] == DRIP[0])]
    dogs = drawn[~measured_on[drawn] & (rows.labels[drawn] != NOT_A_DOG)][: ATTACK_DAY * 10]
    wanted = {AttackKind.DRIP_COPIES: (leaked, copies), AttackKind.BLURRED: (dogs, blurred)}
    return {
        kind: MadePhotos.of([photos[place] for place in places], make, extractor, golden, sketches)
        for kind, (places, make) in wanted.items()
        if kind in kinds and len(places)
    }


def copies(photo: Image.Image) -> Iterator[Image.Image]:
    """Mirrored, cut at an edge, cut to the middle, recoloured, and all of that at once."""
    width, height = photo.size
    wide, high = round(KEPT * width), round(KEPT * height)
    left, top = (width - wide) // 2, (height - high) // 2
    edge = photo.crop((0, 0, wide, high))
    yield ImageOps.mirror(photo)
    yield edge
    yield photo.crop((left, top, left + wide, top + high))
    yield _recoloured(photo)
    yield _recoloured(ImageOps.mirror(edge))


def blurred(photo: Image.Image) -> Iterator[Image.Image]:
    """So much that a person sees a spot of colour."""
    yield photo.filter(ImageFilter.GaussianBlur(BLUR * min(photo.size)))


def _recoloured(photo: Image.Image) -> Image.Image:
    return ImageEnhance.Color(ImageEnhance.Brightness(photo).enhance(1.25)).enhance(0.6)


def _jpeg(photo: Image.Image) -> bytes:
    file = BytesIO()
    photo.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
