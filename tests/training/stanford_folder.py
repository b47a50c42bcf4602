"""Stanford Dogs in small: its folders, and its lists as MATLAB writes them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.io import savemat

BREEDS = {
    "n02085620-Chihuahua": "chihuahua",
    "n02086240-Shih-Tzu": "shih_tzu",
    "n02088094-Afghan_hound": "afghan_hound",
}
EACH, TRAIN_EACH = 10, 6


def entries(numbers: Iterable[int]) -> list[str]:
    """Photos as the lists name them."""
    return [f"{folder}/{folder.partition('-')[0]}_{number}.jpg" for folder in BREEDS for number in numbers]


def write_list(path: Path, names: list[str]) -> None:
    cells = np.empty((len(names), 1), object)
    cells[:, 0] = names
    savemat(path, {"file_list": cells, "labels": np.ones((len(names), 1))})


def make_stanford(folder: Path) -> Path:
    """``folder`` with Images and lists."""
    for entry in entries(range(EACH)):
        path = folder / "Images" / entry
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry.encode())
    make_lists(folder / "lists")
    return folder


def make_lists(folder: Path) -> Path:
    """The three lists: of each breed the first photos train, the others test."""
    folder.mkdir(parents=True)
    write_list(folder / "file_list.mat", entries(range(EACH)))
    write_list(folder / "train_list.mat", entries(range(TRAIN_EACH)))
    write_list(folder / "test_list.mat", entries(range(TRAIN_EACH, EACH)))
    return folder
