"""Labelled photos on disk: one folder a breed, and which photos belong together."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from inference.photo.decode import PhotoError
from inference.photo.file_batches import read_photo
from training.data.read.labelled_photo import PHOTO_SUFFIXES, DatasetError, LabelledPhoto, unreadable
from training.data.read.photo_folder import Strangers, breed_folders, photo_files, photo_root
from training.data.read.photo_groups import TABLE, read_groups
from training.data.read.stanford import only_listed

__all__ = ["PHOTO_SUFFIXES", "DatasetError", "LabelledPhoto", "fingerprint", "read_photos"]


def read_photos(folder: Path, lists: Path | None = None, *, strangers: Strangers = "refuse") -> list[LabelledPhoto]:
    """Photos of ``folder/<breed>/*``, in natural order; groups from the ``photos.csv`` beside the breeds, if any.

    Args:
        folder: breeds by their slug (``afghan_hound``) or their Stanford name (``n02088094-Afghan_hound``); or Stanford
            Dogs as unpacked, with its breeds in ``Images``. Hidden folders and files are left out: desktops and
            notebooks leave them, some with a photo's suffix.
        lists: take only what a list of Stanford Dogs names: a file such as ``lists/train_list.mat``, or the folder of
            lists, which stands for ``file_list.mat``.
        strangers: what becomes of folders whose names are no breed's.

    Raises:
        DatasetError: no such folder, no photos, a folder name that is no breed, a table without its columns, or a
            listed photo that is not there.
    """
    labels, root = breed_folders(folder, strangers=strangers), photo_root(folder)
    groups = read_groups(root / TABLE)
    photos = []
    for breed_folder, breed in labels.items():
        for path in photo_files(breed_folder):
            name = path.relative_to(root).as_posix()
            photos.append(LabelledPhoto(path, breed, groups.get(name, name)))
    if not photos:
        raise DatasetError(f"{folder}: no photos in it; expected {folder}/<breed>/*.jpg, with <breed> such as beagle")
    return photos if lists is None else only_listed(photos, lists)


def fingerprint(photos: Sequence[LabelledPhoto]) -> str:
    """SHA-256 over labels and contents, in the order given: the same photos and labels give the same value.

    Raises:
        DatasetError: files cannot be read, or are none but pipes; the message names them.
    """
    digest, failures = hashlib.sha256(), dict[Path, PhotoError]()
    for photo in photos:
        digest.update(f"{photo.breed}\0{photo.path.name}\0".encode(errors="surrogateescape"))
        try:
            digest.update(hashlib.sha256(read_photo(photo.path)).digest())
        except PhotoError as error:
            failures[photo.path] = error
    if failures:
        raise unreadable(failures)
    return digest.hexdigest()
