"""Models as folders: a manifest that names, measures and hashes every file. Nothing in them is ever unpickled.

ArtefactError: the folder is missing, damaged, or was made for something else; the message names folder and reason.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG, catalogue
from inference.model.head import Calibration, Head, read_head
from inference.model.resnet50 import FEATURES, INPUT_PX, kernel_shapes
from inference.model.weights import PackedConv, read_packed_weights
from inference.photo.preprocess import Preprocessing

SCHEMA = 1
MANIFEST = "manifest.json"
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")

T = TypeVar("T")


class ArtefactError(Exception):
    """A model cannot be used as it lies there."""


@dataclass(frozen=True, slots=True)
class BackboneArtefact:
    """``backbones/<id>/``: manifest.json, weights.npz, golden.npz, exemplars.npz."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Names weights and preprocessing together: features of equal ids are comparable."""
        return str(self.manifest["backbone"])

    @property
    def preprocessing(self) -> Preprocessing:
        """How photos must be prepared."""
        return _reading(self.folder, self._read_preprocessing)

    def weights(self) -> dict[str, PackedConv]:
        """Every convolution by its layer name: those of ResNet50, no less and no more."""
        return _reading(self.folder, self._read_weights)

    def expected_features(self) -> NDArray[np.float32]:
        """float32 [2048]: features of the self-check's drawn picture, as measured when the backbone was exported."""
        return _reading(self.folder, self._read_expected_features)

    def golden(self) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
        """Frozen features float32 [N, 2048] and labels str [N] of photos that no model was trained on: for the gate."""
        return self._labelled("golden.npz")

    def exemplars(self) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
        """Features float32 [N, 2048] and labels str [N] that stand for the base training set: for replay."""
        return self._labelled("exemplars.npz")

    def _read_preprocessing(self) -> Preprocessing:
        preprocessing = Preprocessing.from_dict(self.manifest["preprocessing"])
        if preprocessing.input_px != INPUT_PX:
            raise ValueError(f"preprocessing input_px={preprocessing.input_px}, the network takes {INPUT_PX}")
        return preprocessing

    def _read_weights(self) -> dict[str, PackedConv]:
        convs = read_packed_weights(self.folder / "weights.npz")
        found = {name: conv.kernel.shape for name, conv in convs.items()}
        if wrong := sorted({name for name, _ in found.items() ^ kernel_shapes().items()}):
            raise ValueError(f"weights.npz is not ResNet50: {', '.join(wrong[:3])} missing, unknown or misshapen")
        return convs

    def _read_expected_features(self) -> NDArray[np.float32]:
        expected = np.asarray(self.manifest["selfcheck_features"], np.float32)
        if expected.shape != (FEATURES,):
            raise ValueError(f"selfcheck_features has shape {expected.shape}, expected ({FEATURES},)")
        return expected

    def _labelled(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
        return _reading(self.folder, lambda: read_labelled_features(self.folder / name))


@dataclass(frozen=True, slots=True)
class HeadArtefact:
    """``heads/<id>/``: manifest.json, head.npz, card.md, report/."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The model id that answers carry."""
        return str(self.manifest["model"])

    @property
    def backbone_id(self) -> str:
        """Id of the backbone whose features the head reads."""
        return str(self.manifest["backbone"])

    @property
    def golden_top1(self) -> float | None:
        """Share of golden features it classified rightly when it was exported."""
        return _reading(self.folder, self._read_golden_top1)

    def head(self) -> Head:
        """Weights, labels and calibration."""
        return _reading(self.folder, self._read)

    def _read(self) -> Head:
        calibration = Calibration(**self.manifest["calibration"])
        head = read_head(self.folder / "head.npz", self.id, self.backbone_id, self.manifest["labels"], calibration)
        if head.weights.shape[0] != FEATURES:
            raise ValueError(f"{head.weights.shape[0]} features, expected {FEATURES}")
        if unknown := sorted(set(head.labels) - {NOT_A_DOG, *catalogue()}):
            raise ValueError(f"labels that the catalogue of breeds lacks: {', '.join(unknown)}")
        return head

    def _read_golden_top1(self) -> float | None:
        value = self.manifest.get("selfcheck", {}).get("golden_top1")
        return None if value is None else float(value)


def open_backbone_artefact(folder: Path) -> BackboneArtefact:
    """Read and verify a backbone's folder; raises ArtefactError."""
    keys, files = ("preprocessing", "selfcheck_features"), ("weights.npz", "golden.npz", "exemplars.npz")
    return BackboneArtefact(folder, read_manifest(folder, "backbone", keys, files))


def open_head_artefact(folder: Path) -> HeadArtefact:
    """Read and verify a head's folder; raises ArtefactError."""
    return HeadArtefact(folder, read_manifest(folder, "model", ("backbone", "labels", "calibration"), ("head.npz",)))


def read_manifest(folder: Path, kind: str, keys: tuple[str, ...], files: tuple[str, ...]) -> dict[str, Any]:
    """Read manifest.json, check its schema, its id against the folder's name, and every file against its SHA-256.

    Args:
        folder: holds manifest.json.
        kind: the key of the id, "backbone" or "model".
        keys: what must be there besides.
        files: what must be listed with its SHA-256, since nothing unverified is ever read.

    Raises:
        ArtefactError: something does not match.
    """
    manifest = _reading(folder, lambda: json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise ArtefactError(f"{folder / MANIFEST}: not a manifest of schema {SCHEMA}")
    missing = [key for key in (kind, "files", *keys) if key not in manifest]
    if missing or not isinstance(manifest["files"], dict):
        raise ArtefactError(f"{folder / MANIFEST}: {', '.join(missing) or 'files'} missing")
    if manifest[kind] != folder.name or not ID.fullmatch(folder.name):
        raise ArtefactError(f"{folder}: its manifest belongs to {manifest[kind]!r}")
    if unlisted := [name for name in files if name not in manifest["files"]]:
        raise ArtefactError(f"{folder / MANIFEST}: states no SHA-256 of {', '.join(unlisted)}")
    for name, expected in manifest["files"].items():
        _check_file(folder, name, expected)
    return manifest


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder but the manifest, by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_labelled_features(path: Path, features: NDArray[np.floating], labels: NDArray[np.str_]) -> None:
    """Keep float [N, 2048], non-negative, as uint8 with a scale a row: 2 KB a photo, error ≤ 0.2 % of its peak."""
    scale = np.maximum(np.asarray(features, np.float32).max(axis=1, keepdims=True), 1e-6) / 255
    quantised = np.rint(np.asarray(features, np.float32) / scale).astype(np.uint8)
    np.savez_compressed(path, allow_pickle=False, features=quantised, scale=scale, labels=labels)


def read_labelled_features(path: Path) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Read what ``write_labelled_features`` wrote."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        features, labels = arrays["features"].astype(np.float32) * arrays["scale"], arrays["labels"]
    if features.ndim != 2 or features.shape[1] != FEATURES or labels.shape != features.shape[:1]:
        raise ValueError(f"{path.name}: features {features.shape} and labels {labels.shape} do not belong together")
    return features, labels


def _check_file(folder: Path, name: str, expected: str) -> None:
    path = folder / name
    if not _reading(folder, path.resolve).is_relative_to(folder.resolve()):
        raise ArtefactError(f"{folder}: {name!r} lies outside the model's folder")
    found = _reading(folder, lambda: sha256(path))
    if found != expected:
        raise ArtefactError(f"{path}: damaged, its SHA-256 is not the one in {MANIFEST}")


def _reading(folder: Path, read: Callable[[], T]) -> T:
    """Turn whatever a damaged file makes a reader raise into one clear error."""
    try:
        return read()
    except ArtefactError:
        raise
    except FileNotFoundError as error:
        raise ArtefactError(f"{folder}: {Path(error.filename or folder).name} is missing") from error
    except Exception as error:
        raise ArtefactError(f"{folder}: cannot be read, {type(error).__name__}: {error}") from error
