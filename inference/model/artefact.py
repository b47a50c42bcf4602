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

from core.breeds.catalogue import teachable_labels
from inference.model.head import Calibration, Head, read_head
from inference.model.network import ARRAYS, GRAPH, WEIGHTS, Network, PackedNetwork, StoredNetwork
from inference.model.weights import read_packed_weights
from inference.photo.preprocess import Preprocessing

SCHEMA = 1
MANIFEST = "manifest.json"
GOLDEN_SKETCHES = "golden_sketches.npz"
# Beside "calibration", not in it: versions before them would refuse keys that they do not know.
TYPICAL_FROM, DOUBLES = "typical_from", "doubles"
STEPS = 4  # of stored features, in a standard deviation
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")

T = TypeVar("T")


class ArtefactError(Exception):
    """A model cannot be used as it lies there."""


@dataclass(frozen=True, slots=True)
class BackboneArtefact:
    """``backbones/<id>/``: manifest.json, the network, golden.npz, exemplars.npz."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Names weights and preprocessing together: features of equal ids are comparable."""
        return str(self.manifest["backbone"])

    @property
    def preprocessing(self) -> Preprocessing:
        """How photos must be prepared."""
        return reading(self.folder, self._read_preprocessing)

    def network(self) -> Network:
        """What engines build."""
        return reading(self.folder, self._read_network)

    def expected_features(self) -> NDArray[np.float32]:
        """float32 [D]: features of the self-check's drawn picture, as measured when the backbone was exported.

        Their number is the backbone's: nothing else says it.
        """
        return reading(self.folder, self._read_expected_features)

    def golden(self) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
        """Frozen features float32 [N, D] and labels str [N] of photos that no model was trained on: for the gate."""
        return self._labelled("golden.npz")

    def golden_sketches(self) -> NDArray[np.uint8] | None:
        """Fingerprints of the golden photos, uint8 [N, 32, 32] in their order, by which copies of them are known."""
        if GOLDEN_SKETCHES not in self.manifest["files"]:
            return None  # of a version before there were any
        return reading(self.folder, self._read_golden_sketches)

    def exemplars(self) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
        """Features float32 [N, D] and labels str [N] that stand for the base training set: for replay."""
        return self._labelled("exemplars.npz")

    def _read_golden_sketches(self) -> NDArray[np.uint8]:
        with (self.folder / GOLDEN_SKETCHES).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            sketches: NDArray[np.uint8] = arrays["sketches"]
        if sketches.dtype != np.uint8 or sketches.ndim != 3 or len(sketches) != len(self.golden()[1]):
            raise ValueError(f"{GOLDEN_SKETCHES}: {sketches.dtype} {sketches.shape}, no fingerprints of golden photos")
        return sketches

    def _read_preprocessing(self) -> Preprocessing:
        return Preprocessing.from_dict(self.manifest["preprocessing"])

    def _read_network(self) -> Network:
        files, input_px = self.manifest["files"], self.preprocessing.input_px
        if GRAPH[0] not in files:
            return PackedNetwork(read_packed_weights(self.folder / WEIGHTS), input_px)
        arguments = {str(key): _number(value) for key, value in self.manifest.get("arguments", {}).items()}
        arrays = self.folder / ARRAYS if ARRAYS in files else None
        return StoredNetwork(self.folder / GRAPH[0], input_px, str(self.manifest["architecture"]), arguments, arrays)

    def _read_expected_features(self) -> NDArray[np.float32]:
        expected = np.asarray(self.manifest["selfcheck_features"], np.float32)
        if expected.ndim != 1 or not len(expected):
            raise ValueError(f"selfcheck_features has shape {expected.shape}, expected a number a feature")
        return expected

    def _labelled(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
        features, labels = reading(self.folder, lambda: read_labelled_features(self.folder / name))
        if features.shape[1:] != (expected := self.expected_features()).shape:
            raise ArtefactError(f"{self.folder / name}: {features.shape[1]} features a photo, not {len(expected)}")
        return features, labels


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
        return reading(self.folder, self._read_golden_top1)

    def head(self) -> Head:
        """Weights, labels and calibration."""
        return reading(self.folder, self._read)

    def _read(self) -> Head:
        doubles, labels = self.manifest.get(DOUBLES), self.manifest["labels"]
        beside = {
            TYPICAL_FROM: self.manifest.get(TYPICAL_FROM),
            DOUBLES: () if doubles is None else tuple(float(doubles[label]) for label in labels),
        }
        calibration = Calibration(**beside | self.manifest["calibration"])
        head = read_head(self.folder / "head.npz", self.id, self.backbone_id, labels, calibration)
        if unknown := sorted(set(head.labels) - teachable_labels()):
            raise ValueError(f"labels that are no breeds of the catalogue: {', '.join(unknown)}")
        return head

    def _read_golden_top1(self) -> float | None:
        value = self.manifest.get("selfcheck", {}).get("golden_top1")
        return None if value is None else float(value)


def open_backbone_artefact(folder: Path) -> BackboneArtefact:
    """Read and verify a backbone's folder; raises ArtefactError."""
    manifest = read_manifest(folder, "backbone", ("preprocessing", "selfcheck_features"))
    network = GRAPH if GRAPH[0] in manifest["files"] else (WEIGHTS,)
    check_files(folder, manifest["files"], (*network, "golden.npz", "exemplars.npz"))
    return BackboneArtefact(folder, manifest)


def open_head_artefact(folder: Path) -> HeadArtefact:
    """Read and verify a head's folder; raises ArtefactError."""
    manifest = read_manifest(folder, "model", ("backbone", "labels", "calibration"))
    check_files(folder, manifest["files"], ("head.npz",))
    return HeadArtefact(folder, manifest)


def read_manifest(folder: Path, kind: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """Read manifest.json, check its schema, and its id against the folder's name.

    Args:
        folder: holds manifest.json.
        kind: the key of the id, "backbone" or "model".
        keys: what must be there besides.

    Raises:
        ArtefactError: something does not match.
    """
    manifest = reading(folder, lambda: json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise ArtefactError(f"{folder / MANIFEST}: not a manifest of schema {SCHEMA}")
    missing = [key for key in (kind, "files", *keys) if key not in manifest]
    if missing or not isinstance(manifest["files"], dict):
        raise ArtefactError(f"{folder / MANIFEST}: {', '.join(missing) or 'files'} missing")
    if manifest[kind] != folder.name or not ID.fullmatch(folder.name):
        raise ArtefactError(f"{folder}: its manifest belongs to {manifest[kind]!r}")
    return manifest


def check_files(folder: Path, stated: Mapping[str, str], needed: tuple[str, ...]) -> None:
    """Check every file against its SHA-256; raises ArtefactError.

    Args:
        folder: where they lie.
        stated: SHA-256 by relative path.
        needed: what must be stated, since nothing unverified is ever read.
    """
    if unlisted := [name for name in needed if name not in stated]:
        raise ArtefactError(f"{folder / MANIFEST}: states no SHA-256 of {', '.join(unlisted)}")
    for name, expected in stated.items():
        _check_file(folder, name, expected)


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder but the manifest, by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_labelled_features(path: Path, features: NDArray[np.floating], labels: NDArray[np.str_]) -> None:
    """Keep float [N, D] as whole numbers with a scale a feature: a byte each, deflated to about half.

    A step is a quarter of the feature's standard deviation, so rounding adds half a percent to its variance
    (docs/decisions/0020); coarser only where a byte would not reach the largest value. Behind a ReLU nothing is
    negative; where something is, the byte has a sign.
    """
    rows = np.asarray(features, np.float32)
    kind, levels = (np.uint8, 255) if (rows >= 0).all() else (np.int8, 127)
    reach = np.abs(rows).max(axis=0, keepdims=True, initial=0) / levels
    scale = np.maximum(np.maximum(rows.std(axis=0, keepdims=True) / STEPS, reach), 1e-6)
    quantised = np.rint(rows / scale).astype(kind)
    np.savez_compressed(path, allow_pickle=False, features=quantised, scale=scale, labels=labels)


def read_labelled_features(path: Path) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Read what ``write_labelled_features`` wrote."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        features, labels = arrays["features"].astype(np.float32) * arrays["scale"], arrays["labels"]
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise ValueError(f"{path.name}: features {features.shape} and labels {labels.shape} do not belong together")
    return features, labels


def reading(folder: Path, read: Callable[[], T]) -> T:
    """Turn whatever a damaged file makes a reader raise into one clear error."""
    try:
        return read()
    except ArtefactError:
        raise
    except FileNotFoundError as error:
        raise ArtefactError(f"{folder}: {Path(error.filename or folder).name} is missing") from error
    except Exception as error:
        raise ArtefactError(f"{folder}: cannot be read, {type(error).__name__}: {error}") from error


def _number(value: Any) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"arguments: {value!r} is no number")
    return value


def _check_file(folder: Path, name: str, expected: str) -> None:
    path = folder / name
    if not reading(folder, path.resolve).is_relative_to(folder.resolve()):
        raise ArtefactError(f"{folder}: {name!r} lies outside the model's folder")
    found = reading(folder, lambda: sha256(path))
    if found != expected:
        raise ArtefactError(f"{path}: damaged, its SHA-256 is not the one in {MANIFEST}")
