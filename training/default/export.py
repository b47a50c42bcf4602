"""Write a backbone and a head as artefacts that the serving side can verify and load."""

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.model.artefact import (
    DOUBLES,
    GOLDEN_SKETCHES,
    MANIFEST,
    SCHEMA,
    TYPICAL_FROM,
    hash_files,
    write_labelled_features,
)
from inference.model.head import Head, write_head
from inference.model.network import PackedNetwork
from inference.photo.preprocess import Preprocessing
from training.features.labelled_features import LabelledFeatures

LIBRARIES = ("numpy", "openvino", "keras", "tensorflow", "torch", "scipy")


def backbone_id(network: PackedNetwork, preprocessing: Preprocessing) -> str:
    """Equal for equal weights and preprocessing, so that features of equal ids are comparable."""
    digest = hashlib.sha256(repr(sorted(preprocessing.to_dict().items())).encode())
    for _, conv in sorted(network.weights.items()):
        for array in (conv.kernel, conv.scale, conv.bias):
            digest.update(np.ascontiguousarray(array).tobytes())
    return f"{network.architecture}-{digest.hexdigest()[:10]}"


def fill_backbone(
    folder: Path,
    backbone: str,
    network: Mapping[str, Any],
    preprocessing: Preprocessing,
    selfcheck_features: NDArray[np.floating],
    golden: LabelledFeatures,
    exemplars: LabelledFeatures,
    provenance: Mapping[str, Any],
    golden_sketches: NDArray[np.uint8] | None = None,
) -> None:
    """Write everything else of ``backbones/<id>/`` into ``folder``, which holds the network already.

    Args:
        folder: as `inference.model.network` has it.
        backbone: its id.
        network: what the manifest says of the network: ``architecture``, and ``arguments`` where it has some.
        preprocessing: from a photo to its input.
        selfcheck_features: float [D], by `inference.model.self_check.drawn_features`.
        golden: photos that no model is trained on, for the gate.
        exemplars: photos that stand for those that models are trained on, for replay.
        provenance: recipe, data and the like.
        golden_sketches: fingerprints of the golden photos, by which copies of them are known
            (`training/data/check/copies.py`); uint8 [N, 32, 32].
    """
    if golden_sketches is not None:
        np.savez_compressed(folder / GOLDEN_SKETCHES, allow_pickle=False, sketches=golden_sketches)
    write_labelled_features(folder / "golden.npz", golden.features, golden.labels)
    write_labelled_features(folder / "exemplars.npz", exemplars.features, exemplars.labels)
    stated = {
        "backbone": backbone,
        **network,
        "preprocessing": preprocessing.to_dict(),
        "values": "uint8 RGB, 0–255; the network does the rest",
        "selfcheck_features": [float(f"{value:.5g}") for value in selfcheck_features],
        **provenance,
    }
    write_manifest(folder, stated)


def fill_head(folder: Path, head: Head, card: str, metrics: Mapping[str, Any], provenance: Mapping[str, Any]) -> None:
    """Write everything of ``heads/<id>/`` into ``folder``, which may hold ``report/`` already."""
    write_head(folder / "head.npz", head)
    (folder / "card.md").write_text(card, encoding="utf-8")
    calibration = head.calibration
    stated = {
        "model": head.model,
        "backbone": head.backbone,
        "labels": list(head.labels),
        "calibration": {
            "temperature": calibration.temperature,
            "unsure_below": calibration.unsure_below,
            "not_a_dog_above": calibration.not_a_dog_above,
        },
        TYPICAL_FROM: calibration.typical_from,
        DOUBLES: dict(zip(head.labels, calibration.doubles, strict=True)) if calibration.doubles else None,
        "metrics": dict(metrics),
        **provenance,
    }
    write_manifest(folder, stated)


def write_manifest(folder: Path, stated: Mapping[str, Any]) -> None:
    """State schema, origin and hashes: last of all, so that a folder with a manifest is whole."""
    manifest = {
        "schema": SCHEMA,
        **stated,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_commit": git_commit(),
        "libraries": {"python": platform.python_version(), **library_versions(LIBRARIES)},
        "files": hash_files(folder),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def git_commit() -> str | None:
    """The commit of the code at work, or None outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None


def library_versions(names: Sequence[str]) -> dict[str, str]:
    """Versions of those that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
