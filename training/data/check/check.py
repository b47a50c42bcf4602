"""What is wrong with a folder of photos, before hours are spent on it: ``breedbot data check``."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from training.data.check.connected import connected
from training.data.check.copies import copies
from training.data.check.near_duplicates import Pair, alike_features, groups_of
from training.data.check.photo_scan import ScannedPhoto, scan
from training.data.read.dataset import read_photos
from training.data.read.labelled_photo import PHOTO_SUFFIXES, LabelledPhoto
from training.data.read.photo_folder import breed_folders, photo_root, strange_folders, visible
from training.data.read.photo_groups import TABLE, write_groups
from training.features.extractor import Extractor
from training.features.feature_cache import FeatureCache

TINY_PX: Final = 100  # a short side below is enlarged more than twice on its way into the network
FEW: Final = 30  # photos of a breed: below, a 15 % validation part is 4 photos and says nothing
JUDGED: Final = 10  # photos of a breed: below, heads that did not see one of them do not know the breed


@dataclass(frozen=True, slots=True)
class LabelDoubt:
    """A photo that other photos say is of another breed."""

    photo: LabelledPhoto
    suspected: str
    given_probability: float
    suspected_probability: float


@dataclass(frozen=True, slots=True)
class Doubts:
    """What confident learning says of the labels; `training/data/check/label_errors.py`.

    Attributes:
        suspects: surest first.
        noise: estimated share of wrong labels among the photos judged.
        judged: how many those are.
        backbone: whose features were judged by.
        typical: the photo of each breed that is most sure of its label, to compare with.
    """

    suspects: list[LabelDoubt]
    noise: float
    judged: int
    backbone: str
    typical: Mapping[str, LabelledPhoto]


@dataclass(frozen=True)
class DataCheck:
    """Everything found.

    Attributes:
        folder: as it was named.
        scanned: every photo, in the order of the readers.
        pairs: rows of ``scanned`` that show nearly the same.
        doubts: None if no model was asked.
        passed_over: files beside the photos that no reader takes, by suffix.
        strangers: folders whose names are no breed's, each with the slug that may be meant; none of their photos count.
        expected: labels that the folder should have.
    """

    folder: Path
    scanned: list[ScannedPhoto]
    pairs: list[Pair]
    doubts: Doubts | None
    passed_over: Mapping[str, int]
    strangers: Mapping[Path, str | None]
    expected: Collection[str] = ()

    @cached_property
    def breeds(self) -> dict[str, int]:
        """Photos of each breed, breeds in order; those whose folder is empty have 0."""
        counts = Counter(one.photo.breed for one in self.scanned)
        labels = breed_folders(self.folder, strangers="pass over").values()
        return {breed: counts[breed] for breed in sorted(set(labels))}

    @property
    def few(self) -> dict[str, int]:
        """Breeds with too few photos to learn and to measure."""
        return {breed: count for breed, count in self.breeds.items() if count < FEW}

    @property
    def missing(self) -> list[str]:
        """Labels that were expected and have no photo."""
        return sorted(label for label in self.expected if not self.breeds.get(label))

    @property
    def unreadable(self) -> list[ScannedPhoto]:
        """Photos that training refuses."""
        return [one for one in self.scanned if one.error is not None]

    @property
    def tiny(self) -> list[ScannedPhoto]:
        """Photos with too little to see."""
        return [one for one in self.scanned if one.error is None and one.short_side < TINY_PX]

    @property
    def misnamed(self) -> list[ScannedPhoto]:
        """Photos whose suffix is another format's."""
        return [one for one in self.scanned if one.misnamed]

    @cached_property
    def duplicates(self) -> list[list[ScannedPhoto]]:
        """Photos of the very same bytes, together."""
        found: dict[str, list[ScannedPhoto]] = {}
        for one in self.scanned:
            if one.sha256:
                found.setdefault(one.sha256, []).append(one)
        return [same for same in found.values() if len(same) > 1]

    @cached_property
    def near_duplicates(self) -> list[list[ScannedPhoto]]:
        """Photos that show nearly the same, equal ones included, together."""
        return [[self.scanned[row] for row in rows] for rows in groups_of(len(self.scanned), self.pairs)]

    @property
    def contradictions(self) -> list[list[ScannedPhoto]]:
        """Near-duplicates with different labels: one of them at least is wrong."""
        return [together for together in self.near_duplicates if len({one.photo.breed for one in together}) > 1]

    @property
    def fit_to_train(self) -> bool:
        """Whether training would take the folder as it is."""
        return not self.unreadable and not self.strangers

    def groups(self) -> dict[str, str]:
        """Group of each photo by its path below the breeds' root: the groups there were, joined by what was found."""
        links: list[set[object]] = [{one.photo.group} for one in self.scanned]
        for number, pair in enumerate(self.pairs):
            for row in pair:
                links[row].add(number)
        root = photo_root(self.folder)
        return {
            one.photo.path.relative_to(root).as_posix(): self.scanned[first].photo.group
            for one, first in zip(self.scanned, connected(links), strict=True)
        }


def check(folder: Path, extractor: Extractor | None, cache: FeatureCache, expected: Collection[str] = ()) -> DataCheck:
    """Look at every photo of a folder.

    Args:
        folder: as `read_photos` takes it.
        extractor: a frozen network for the label errors and for near-duplicates that are cut differently; None leaves
            that out, and takes seconds a thousand photos instead of minutes.
        cache: keeps the features.
        expected: labels that the folder should have.

    Raises:
        DatasetError: the folder cannot be used at all.
    """
    scanned = scan(read_photos(folder, strangers="pass over"))
    pairs = [*_equal(scanned), *copies(np.stack([one.sketch for one in scanned]))]
    doubts = None
    if extractor is not None and (readable := [row for row, one in enumerate(scanned) if one.error is None]):
        photos = [scanned[row].photo for row in readable]
        features = cache.features(extractor, photos, unreadable="skip")
        pairs += [(readable[i], readable[j]) for i, j in alike_features(features)]
        judged = _regrouped(photos, readable, groups_of(len(scanned), pairs))
        doubts = _doubts(judged, features, extractor.id)
    strangers = strange_folders(folder)
    return DataCheck(folder, scanned, sorted(set(pairs)), doubts, _passed_over(folder), strangers, expected)


def write_found_groups(found: DataCheck) -> Path:
    """Write what shows nearly the same into ``photos.csv`` beside the breeds: every split keeps it on one side.

    Raises:
        OSError: the folder cannot be written.
    """
    table = photo_root(found.folder) / TABLE
    write_groups(table, found.groups())
    return table


def _equal(scanned: Sequence[ScannedPhoto]) -> list[Pair]:
    first: dict[str, int] = {}
    rows = [(first.setdefault(one.sha256, row), row) for row, one in enumerate(scanned) if one.sha256]
    return [(one, other) for one, other in rows if one != other]


def _regrouped(
    photos: Sequence[LabelledPhoto], rows: Sequence[int], together: Sequence[Sequence[int]]
) -> list[LabelledPhoto]:
    """The photos, each in the group of its near-duplicates."""
    group = {row: f"alike {number}" for number, members in enumerate(together) for row in members}
    return [
        LabelledPhoto(photo.path, photo.breed, group.get(row, photo.group))
        for row, photo in zip(rows, photos, strict=True)
    ]


def _doubts(photos: Sequence[LabelledPhoto], features: np.ndarray, backbone: str) -> Doubts | None:
    from training.data.check.label_errors import noise_share, suspected_labels  # noqa: PLC0415 (SciPy takes a second)
    from training.heads.out_of_fold import out_of_fold  # noqa: PLC0415 (the same)

    counts = Counter(photo.breed for photo in photos)
    labels = sorted(breed for breed, count in counts.items() if count >= JUDGED)
    rows = [row for row, photo in enumerate(photos) if photo.breed in set(labels) and np.isfinite(features[row, 0])]
    if len(labels) < 2:
        return None
    judged = [photos[row] for row in rows]
    columns = np.array([labels.index(photo.breed) for photo in judged])
    probabilities = out_of_fold(features[rows], columns, [photo.group for photo in judged], len(labels))
    suspects = [
        LabelDoubt(judged[one.row], labels[one.suspected], one.given_probability, one.suspected_probability)
        for one in suspected_labels(probabilities, columns)
    ]
    own = probabilities[np.arange(len(columns)), columns]
    surest = [np.flatnonzero(columns == column) for column in range(len(labels))]
    typical = {label: judged[members[own[members].argmax()]] for label, members in zip(labels, surest, strict=True)}
    return Doubts(suspects, noise_share(probabilities, columns), len(judged), backbone, typical)


def _passed_over(folder: Path) -> dict[str, int]:
    """Files that lie among the photos and are none, and folders inside a breed's: nobody reads them."""
    counts: Counter[str] = Counter()
    for breed_folder in breed_folders(folder, strangers="pass over"):
        for path in visible(breed_folder):
            if path.is_dir():
                counts["folders"] += 1
            elif path.suffix.lower() not in PHOTO_SUFFIXES:
                counts[path.suffix.lower() or "no suffix"] += 1
    return dict(counts)
