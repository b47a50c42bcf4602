"""A model as one zip file: head and backbone, laid out as in a model store: unpack it there to install it."""

import zipfile
from pathlib import Path

from core.atomic_file import whole_file
from inference.model.artefact import ArtefactError
from inference.store.folder_store import ModelStore

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that zip can say; a time of writing would make equal models differ
_RIGHTS = 0o644 << 16


def export_model(store: ModelStore, model: str, file: Path) -> int:
    """Write a model that verifies; the same model gives the same bytes. Whole or not at all.

    Returns:
        Size of the archive in bytes.

    Raises:
        ArtefactError: no such model, a damaged one, or `file` is a folder.
        OSError: `file` cannot be written.
    """
    head = store.head(model)
    backbone = store.backbone(head.backbone_id)
    if file.is_dir():
        raise ArtefactError(f"{file}: is a folder; name the zip file to write")
    with whole_file(file) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        _add(archive, f"backbones/{backbone.id}", backbone.folder)
        _add(archive, f"heads/{head.id}", head.folder)
    return file.stat().st_size


def _add(archive: zipfile.ZipFile, name: str, folder: Path) -> None:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        entry = zipfile.ZipInfo(f"{name}/{path.relative_to(folder).as_posix()}", _EPOCH)
        entry.external_attr = _RIGHTS
        # npz and png are compressed already; the rest is small.
        archive.writestr(entry, path.read_bytes())
