"""The lists of Stanford Dogs (http://vision.stanford.edu/aditya86/ImageNetDogs/): all photos, and the official split.

``lists.tar`` holds file_list.mat (20,580 photos), train_list.mat (100 a breed, 12,000) and test_list.mat (8,580).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from training.data.read.breed_folders import breed_of_folder
from training.data.read.labelled_photo import DatasetError, LabelledPhoto
from training.data.read.split import Split, split_by_group

ALL, TRAIN, TEST = "file_list.mat", "train_list.mat", "test_list.mat"
LISTS: Final = "lists"  # the folder that `breedbot data fetch` unpacks them to, beside Images


def read_list(path: Path) -> list[str]:
    """Photos of a list as it names them: ``n02085620-Chihuahua/n02085620_5927.jpg``.

    Raises:
        DatasetError: no such file, or not one of these lists.
    """
    from scipy.io import loadmat  # noqa: PLC0415 (slow to import, and most folders need no list)

    try:
        cells = loadmat(path, variable_names=["file_list"])["file_list"].ravel()
        return [str(cell.item()) for cell in cells]
    except FileNotFoundError as error:
        raise DatasetError(f"{path}: no such list; `breedbot data fetch` downloads Stanford's") from error
    except Exception as error:  # a reader of foreign bytes raises anything
        raise DatasetError(f"{path}: not a list of Stanford Dogs, {str(error) or type(error).__name__}") from error


def only_listed(photos: Sequence[LabelledPhoto], lists: Path) -> list[LabelledPhoto]:
    """The photos that a list names; ``lists`` is its file, or the folder of file_list.mat.

    A breed of the list may be absent as a whole: somebody took a few breeds.

    Raises:
        DatasetError: a list that cannot be read, or a photo that it names is not there.
    """
    listed = read_list(lists / ALL if lists.is_dir() else lists)
    names = {_file_name(entry) for entry in listed}
    _refuse_missing(photos, listed, lists)
    return [photo for photo in photos if photo.path.name in names]


def official_split(photos: Sequence[LabelledPhoto], lists: Path, *, validation: float, seed: int) -> Split:
    """Stanford's own test photos; its training photos dealt into training and validation.

    Args:
        photos: of Stanford Dogs, all breeds or some.
        lists: folder of train_list.mat and test_list.mat.
        validation: share of the training photos.
        seed: deals the validation photos.

    Raises:
        DatasetError: a list cannot be read, a photo is missing or in neither list.
    """
    train, test = read_list(lists / TRAIN), read_list(lists / TEST)
    _refuse_missing(photos, [*train, *test], lists)
    in_train, in_test = ({_file_name(entry) for entry in entries} for entries in (train, test))
    for photo in photos:
        if photo.path.name not in in_train | in_test:
            raise DatasetError(f"{photo.path}: in neither {TRAIN} nor {TEST} of {lists}; remove it or split by group")
    dealt = split_by_group(
        [photo for photo in photos if photo.path.name in in_train], validation=validation, test=0, seed=seed
    )
    return Split(dealt.train, dealt.validation, [photo for photo in photos if photo.path.name in in_test])


def _file_name(entry: str) -> str:
    """Names are ImageNet's and unique, so they hold whatever a breed's folder is called."""
    return entry.rpartition("/")[2]


def _refuse_missing(photos: Sequence[LabelledPhoto], listed: Sequence[str], lists: Path) -> None:
    there, breeds = {photo.path.name for photo in photos}, {photo.breed for photo in photos}
    missing = [
        entry
        for entry in listed
        if _file_name(entry) not in there and breed_of_folder(entry.partition("/")[0]) in breeds
    ]
    if missing:
        raise DatasetError(f"{lists}: {len(missing)} photos that it names are not there, the first is {missing[0]}")
