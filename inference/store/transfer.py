"""A model's folder between a disk and object storage: verified on the way in, whole or not there on the way out.

The manifest is written last and read first: a model without one is not there.
"""

import errno
import hashlib
import json
import shutil
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from obstore.exceptions import AlreadyExistsError

from core import object_storage
from core.atomic_file import whole_folder
from inference.model.artefact import MANIFEST, ArtefactError, hash_files

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CHUNK_BYTES = 4 * 2**20


class StoreUnavailable(ArtefactError):
    """The object storage cannot be reached, or does not let us in."""


def explained(place: str) -> AbstractContextManager[None]:
    """See `core.object_storage.explained`."""
    return object_storage.explained(f"model store {place}", StoreUnavailable, StoreUnavailable)


def download(objects: "ObjectStore", place: str, key: str, manifest: bytes, target: Path) -> None:
    """Fetch the files that a manifest names into a new folder, which replaces an older one.

    Raises:
        ArtefactError: a file is missing, damaged, or named so that it would lie elsewhere.
        StoreUnavailable: try again.
    """
    try:
        with whole_folder(target) as temporary:
            for name, expected in stated_files(manifest, place).items():
                _download_file(objects, f"{key}/{name}", temporary / name, expected, f"{place}/{name}")
            (temporary / MANIFEST).write_bytes(manifest)
            shutil.rmtree(target, ignore_errors=True)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:  # else another process of this machine was quicker
            raise


def intact(folder: Path, manifest: bytes, place: str) -> bool:
    """Whether a folder holds what this manifest states."""
    try:
        same = (folder / MANIFEST).read_bytes() == manifest
        return same and hash_files(folder) == stated_files(manifest, place)
    except OSError:
        return False


def upload(objects: "ObjectStore", place: str, key: str, folder: Path) -> None:
    """Store a folder that holds a manifest. Nothing is ever overwritten.

    Raises:
        ArtefactError: there is another model of this name, or half of one.
        StoreUnavailable: half of it may be there, without a manifest.
    """
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    for name in sorted(files, key=lambda name: name == MANIFEST):
        data = (folder / name).read_bytes()
        try:
            with explained(place):
                objects.put(f"{key}/{name}", data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            if bytes(objects.get(f"{key}/{name}").bytes()) != data:
                raise ArtefactError(f"{place}/{name}: exists already, with other contents") from None


def stated_files(manifest: bytes, place: str) -> dict[str, str]:
    """SHA-256 by relative path. Raises ArtefactError for what is no manifest, or leads out of its folder."""
    try:
        files: Any = json.loads(manifest)["files"]
        names = [PurePosixPath(name) for name in files]
        hashes = {str(name): str(sha256) for name, sha256 in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArtefactError(f"{place}/{MANIFEST}: not a manifest") from error
    if any(name.is_absolute() or ".." in name.parts or "\\" in str(name) or "\0" in str(name) for name in names):
        raise ArtefactError(f"{place}/{MANIFEST}: names files outside the model's folder")
    return hashes


def _download_file(objects: "ObjectStore", key: str, path: Path, expected: str, place: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with explained(place), path.open("wb") as file:
            for chunk in objects.get(key).stream(min_chunk_size=CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
    except FileNotFoundError:
        raise ArtefactError(f"{place} is missing") from None
    if digest.hexdigest() != expected:
        raise ArtefactError(f"{place}: damaged, its SHA-256 is not the one in {MANIFEST}")
