"""Which way from a photo to a square is best? A head fitted and measured under each, on the same photos.

Command   python -m training.default.crop_study DATA WEIGHTS.npz
Data      as for the default recipe, WEIGHTS.npz in its work folder; a sample of the training photos and all
          validation photos, never the test photos
Time      about 8 minutes on two cores
"""

import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from core.breeds.catalogue import NOT_A_DOG
from inference.engine.openvino import OpenVinoBackbone
from inference.model.head import Calibration, Head
from inference.model.network import PackedNetwork
from inference.model.weights import read_packed_weights
from inference.photo.preprocess import Preprocessing
from training.data.read.dataset import LabelledPhoto, read_photos
from training.default.model import split_photos
from training.evaluation.metrics import measure
from training.features.labelled_features import extract
from training.heads.calibrate import calibrate, negative_log_likelihood
from training.heads.head_fit import fit_head
from training.recipes.default import RECIPE as PLAN

POLICIES = {
    "middle, 256 → 224": Preprocessing(224, 256, "center_crop"),
    "middle, 224 → 224": Preprocessing(224, 224, "center_crop"),
    "squash": Preprocessing(224, 224, "squash"),
    "letterbox": Preprocessing(224, 224, "letterbox"),
}
EACH = 10  # training photos a label


def main() -> None:
    """Print a table, one row a policy."""
    data, weights = map(Path, sys.argv[1:])
    split = split_photos(PLAN, read_photos(data), weights.parent)
    sample = _sample(split.train)
    backbone = OpenVinoBackbone(PackedNetwork(read_packed_weights(weights), PLAN.preprocessing.input_px))
    table = Table(
        "policy", "top-1", "top-3", "log loss", title=f"n = {len(sample)} trained, {len(split.validation)} measured"
    )
    for name, preprocessing in POLICIES.items():
        train = extract(backbone, sample, preprocessing.decode, f"training photos, {name}")
        held_back = extract(backbone, split.validation, preprocessing.decode, f"validation photos, {name}")
        labels = (*sorted(set(train.labels.tolist()) - {NOT_A_DOG}), NOT_A_DOG)
        columns = np.array([labels.index(label) for label in train.labels])
        solved = fit_head(train.features, columns, len(labels), l2=0.01)
        head = Head("study", "study", labels, solved.weights, solved.bias, Calibration())
        head = calibrate(head, held_back.features, held_back.labels)
        metrics = measure(held_back.labels.tolist(), head.predictions(held_back.features))
        loss = negative_log_likelihood(head, held_back.features, held_back.labels)
        table.add_row(name, f"{metrics.top1.value:.3f}", f"{metrics.top3.value:.3f}", f"{loss:.3f}")
    Console().print(table)


def _sample(photos: list[LabelledPhoto]) -> list[LabelledPhoto]:
    seen: dict[str, int] = {}
    chosen = []
    for photo in photos:
        seen[photo.breed] = seen.get(photo.breed, 0) + 1
        if seen[photo.breed] <= EACH:
            chosen.append(photo)
    return chosen


if __name__ == "__main__":
    main()
