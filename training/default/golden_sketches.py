"""Fingerprints of the golden photos for a backbone that was exported without: which photos they are, its features tell.

``python -m training.default.golden_sketches BACKBONE_FOLDER DATA FEATURES``: the photos, and a feature cache that may
have them already. Photos that DATA lacks get no fingerprint.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.model.artefact import GOLDEN_SKETCHES, MANIFEST, hash_files, open_backbone_artefact
from inference.model.backbone import open_backbone
from inference.settings import Engine
from training.data.check.copies import SKETCH_PX
from training.data.check.photo_scan import scan
from training.data.read.dataset import LabelledPhoto, read_photos
from training.features.extractor import ServingExtractor
from training.features.feature_cache import FeatureCache
from training.learning.photos.duplicates import unit_rows

SAME = 0.995  # cosine between a photo's features and themselves, kept in a byte a number
ROWS = 256


def add_golden_sketches(folder: Path, photos: Sequence[LabelledPhoto], features: NDArray[np.floating]) -> int:
    """Write them into a backbone's folder and state them in its manifest; how many golden photos were found."""
    golden, labels = open_backbone_artefact(folder).golden()
    rows = np.full(len(labels), -1, np.intp)
    ours, theirs = unit_rows(golden), unit_rows(features)
    named = np.array([photo.breed for photo in photos])
    for start in range(0, len(ours), ROWS):
        cosines = ours[start : start + ROWS] @ theirs.T
        cosines[labels[start : start + ROWS, None] != named[None]] = -1
        best = cosines.argmax(axis=1)
        rows[start : start + ROWS] = np.where(cosines.max(axis=1) >= SAME, best, -1)
    found = np.flatnonzero(rows >= 0)
    sketches = np.zeros((len(labels), SKETCH_PX, SKETCH_PX), np.uint8)
    for place, one in zip(found.tolist(), scan([photos[row] for row in rows[found].tolist()]), strict=True):
        sketches[place] = one.sketch
    np.savez_compressed(folder / GOLDEN_SKETCHES, allow_pickle=False, sketches=sketches)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    stated = json.dumps({**manifest, "files": hash_files(folder)}, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(stated + "\n", encoding="utf-8")
    return len(found)


def main() -> None:
    """See the head of this file."""
    folder, data, cache = map(Path, sys.argv[1:4])
    artefact = open_backbone_artefact(folder)
    photos = read_photos(data)
    network = ServingExtractor(artefact.id, open_backbone(artefact, Engine.AUTO), artefact.preprocessing.decode)
    found = add_golden_sketches(folder, photos, FeatureCache(cache).features(network, photos))
    print(f"{found:,} golden photos have fingerprints")


if __name__ == "__main__":
    main()
