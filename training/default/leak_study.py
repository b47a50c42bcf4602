"""What near-duplicates and doubtful labels in the recipe's split do to the shipped model's numbers.

Command   python -m training.default.leak_study DATA CHECK.json CACHE
Data      as for the default recipe; CHECK.json from `breedbot data check DATA --report`, CACHE is DATA_DIR/features
Time      seconds where the check has filled the cache, else two minutes on two cores
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from inference.engine.openvino import OpenVinoBackbone
from inference.store.folder_store import SHIPPED, ModelStore
from training.data.read.dataset import LabelledPhoto, read_photos
from training.data.read.split import split_by_group
from training.evaluation.metrics import Share, measure
from training.features.extractor import ServingExtractor
from training.features.feature_cache import FeatureCache
from training.recipes.default import RECIPE as PLAN


def main() -> None:
    """Print a table: each held-back part whole, without leaks, and without doubtful labels besides."""
    data, check, cache = map(Path, sys.argv[1:])
    split = split_by_group(read_photos(data), validation=PLAN.validation, test=PLAN.test, seed=PLAN.seed)
    found = json.loads(check.read_text(encoding="utf-8"))
    group = {_name(Path(path)): number for number, paths in enumerate(found["near_duplicates"]) for path in paths}
    learned = {group[name] for name in _names(split.train) if name in group}
    doubted = {_name(Path(one["path"])) for one in found["suspects"]}
    store = ModelStore(SHIPPED)
    head = store.head(store.pointer().model).head()
    source = store.backbone(head.backbone)
    extractor = ServingExtractor(source.id, OpenVinoBackbone(source.network()), source.preprocessing.decode)
    table = Table("photos", "n", "top-1", "top-3", "not a dog, rejected", "dogs rejected", title=head.model)
    for part, photos in (("validation", split.validation), ("test", split.test)):
        rows = FeatureCache(cache).features(extractor, photos)
        labels = np.array([photo.breed for photo in photos])
        clean = np.array([group.get(name, -1) not in learned for name in _names(photos)])
        sure = np.array([name not in doubted for name in _names(photos)])
        kept: dict[str, NDArray[np.bool_]] = {
            part: np.ones(len(photos), bool),
            "… with no near-duplicate in training": clean,
            "… and no doubtful label": clean & sure,
        }
        for name, these in kept.items():
            metrics = measure(labels[these].tolist(), head.predictions(rows[these]), resamples=0)
            shares = (metrics.top1, metrics.top3, metrics.not_a_dog_rejected, metrics.dogs_rejected)
            table.add_row(name, f"{these.sum():,}", *map(_said, shares))
    Console().print(table)


def _said(share: Share) -> str:
    return f"{share.value:.3f} ({share.low:.3f}–{share.high:.3f})"


def _names(photos: list[LabelledPhoto]) -> list[str]:
    return [_name(photo.path) for photo in photos]


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


if __name__ == "__main__":
    main()
