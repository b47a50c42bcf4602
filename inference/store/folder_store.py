"""Where models live: the host's folder, and beneath it the default model that ships with the package."""

import json
import logging
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from core.atomic_file import whole_folder, write_whole
from inference.model.artefact import (
    ID,
    ArtefactError,
    BackboneArtefact,
    HeadArtefact,
    open_backbone_artefact,
    open_head_artefact,
)
from inference.model.self_check import check_head
from inference.store.pointer import POINTER, SHADOW, Pointer, read_pointer_file

SHIPPED = Path(__file__).parents[1] / "pretrained"
LEFTOVER_AFTER_S = 3600  # a folder is written in a second: an older unfinished one belongs to a killed run

log = logging.getLogger(__name__)


class ModelStore:
    """Heads and backbones by id, and the champion pointer.

    The host's folder is looked into first; a model that it lacks is taken from the shipped folder, so a fresh install
    answers at once and an upgrade of the package never overwrites what the host trained.
    """

    def __init__(self, root: Path, shipped: Path = SHIPPED) -> None:
        """Touch nothing yet: the folder is made by the first write."""
        self.root = root
        self._shipped = shipped

    @property
    def place(self) -> str:
        """Where the host's models are, for people."""
        return str(self.root)

    def pointer(self) -> Pointer:
        """The champion; raises ArtefactError where there is none.

        The shipped one where an upgrade took away the backbone that the host's own reads: with features of another one
        its numbers say nothing. What people taught it is learned anew by the next retrain.
        """
        if pointer := self._find_pointer():
            return pointer
        raise ArtefactError(f"{self.place}: no champion.json and no model shipped with the package; train one first")

    def adopt(self, other: "ModelStore") -> int:
        """Take over another store's own models and pointers; how many models were new here.

        What is here already stays as it is. Raises ArtefactError: a model is damaged, or this store has other pointers.
        """
        new = 0
        for kind in ("backbones", "heads"):
            for name in other.own_names(kind):
                folder = other.head(name).folder if kind == "heads" else other.backbone(name).folder
                if not self.has(kind, name):
                    self.add(kind, name, partial(_copy, folder))
                    new += 1
        own, version = self._fresh()
        wanted = other.own_pointer()
        if own is not None and wanted is not None and own != wanted:
            raise ArtefactError(f"{self.place}: {own.model} answers there, not {wanted.model}; nothing was overwritten")
        if wanted is not None:
            self._write_pointer(wanted, version)
        if shadow := other.shadow():
            self.set_shadow(shadow)
        return new

    def base(self, name: str) -> HeadArtefact:
        """What a model was made from; if an upgrade took that away, what ships in its place. Raises ArtefactError."""
        shipped = self._shipped_pointer()
        there = self._own("heads", name) or (self._shipped / "heads" / name).is_dir()
        return self.head(name if there or shipped is None else shipped.model)

    def candidates(self) -> list[str]:
        """Models that may answer, best first: champion, the one before it, the shipped one; raises ArtefactError.

        A host's champion, or its pointer, can be lost to a disk error; a shipped one is replaced by an upgrade of the
        package.
        """
        shipped = self._shipped_pointer()
        try:
            pointer = self.pointer()
            if (own := self.own_pointer()) is not None and own != pointer:
                gone = "%s reads features of a backbone that an upgrade took away: %s answers, and learns anew"
                log.warning(gone, own.model, pointer.model)
        except ArtefactError as error:
            if shipped is None:
                raise
            log.error("%s; put it right or take it away, until then the shipped model answers", error)  # noqa: TRY400
            pointer = shipped
        last = shipped.model if shipped is not None else None
        return list(dict.fromkeys(model for model in (pointer.model, pointer.previous, last) if model))

    def stamp(self, pointer: str = POINTER) -> int:
        """Changes whenever a pointer is moved; costs microseconds. 0: it points nowhere.

        The clock of a file system ticks every few milliseconds, so the time alone would hide the second of two moves.
        """
        try:
            found = (self.root / pointer).stat()
        except FileNotFoundError:
            return 0
        return hash((found.st_mtime_ns, found.st_ino))

    def shadow(self) -> str | None:
        """The candidate that is scored beside the champion, or None; raises ArtefactError for a damaged pointer."""
        found = read_pointer_file(self.root / SHADOW)
        return None if found is None else found.model

    def set_shadow(self, model: str | None) -> None:
        """Try this candidate from now on, or none; atomic. Whether it can be scored, `serving.shadow` finds out."""
        if model is None:
            (self.root / SHADOW).unlink(missing_ok=True)
        else:
            self._write_file(SHADOW, {"model": model})

    def examine(self) -> str:
        """What `breedbot doctor` says of the store itself; raises ArtefactError for one that cannot be relied on."""
        if self.root.exists() and not self.root.is_dir():
            raise ArtefactError(f"{self.place}: is a file, not a folder of models")
        return self.place

    def nudge(self) -> None:
        """Somebody says that a pointer has moved. A folder is looked at each time anyway."""

    def heads(self) -> list[HeadArtefact]:
        """Every model, oldest first; raises ArtefactError for a damaged one."""
        found = [self.head(name) for name in sorted({*_names(self._shipped / "heads"), *self.own_names("heads")})]
        return sorted(found, key=lambda artefact: (str(artefact.manifest.get("created_at", "")), artefact.id))

    def head(self, model: str) -> HeadArtefact:
        """One model, verified; raises ArtefactError."""
        return open_head_artefact(self._find("heads", model))

    def backbone(self, backbone: str) -> BackboneArtefact:
        """One backbone, verified; raises ArtefactError."""
        return open_backbone_artefact(self._find("backbones", backbone))

    def promote(self, model: str) -> Pointer:
        """Point at a model that loads and passes its self-check; atomic. Raises ArtefactError for one that does not."""
        self._check(model)
        own, version = self._fresh()
        current = own or self._shipped_pointer()
        if current is not None and current.model == model:
            return current
        return self._point(Pointer(model, None if current is None else current.model), version)

    def rollback(self) -> Pointer:
        """Point back at the previous model; raises ArtefactError where there is none or it does not load.

        The way back from there leads on to what that model had taken over from, and never to the one just left.
        """
        own, version = self._fresh()
        current = own or self.pointer()
        if current.previous is None:
            raise ArtefactError(f"there is no model to go back to from {current.model}; promote one by its name")
        self._check(current.previous)
        return self._point(Pointer(current.previous, self._before(current.previous, current.model)), version)

    def _before(self, model: str, left: str) -> str | None:
        """What a model was measured against, if that is still there."""
        before = self.head(model).manifest.get("champion")
        there = isinstance(before, str) and (self._own("heads", before) or (self._shipped / "heads" / before).is_dir())
        return before if there and before not in {model, left} else None

    def add(self, kind: str, name: str, fill: Callable[[Path], None]) -> Path:
        """Write a folder ``kind/name`` as a whole or not at all: ``fill`` gets a temporary one, renamed at the end."""
        if not ID.fullmatch(name):
            raise ArtefactError(f"{name!r}: a model id has lower-case letters, digits, '.', '_' and '-' only")
        target = self.root / kind / name
        if self.has(kind, name):
            raise ArtefactError(f"{self.place}/{kind}/{name}: exists already")
        with whole_folder(target) as temporary:
            fill(temporary)
            self._publish(temporary, kind, name)
        return target

    def has(self, kind: str, name: str) -> bool:
        """Whether the host has it: what is shipped does not count."""
        return (self.root / kind / name).exists()

    def remove(self, kind: str, name: str) -> None:
        """Delete a model of the host's; nothing where there is none."""
        shutil.rmtree(self.root / kind / name, ignore_errors=True)

    def remove_leftovers(self) -> None:
        """Delete what additions of heads that were cut off have left."""
        for folder in (self.root / "heads").glob(".*"):
            with suppress(FileNotFoundError):
                if time.time() - folder.stat().st_mtime > LEFTOVER_AFTER_S:
                    shutil.rmtree(folder, ignore_errors=True)

    def _check(self, model: str) -> None:
        """Everything that can be known without an engine; the champion checks the engine too when it loads."""
        artefact = self.head(model)
        backbone = self.backbone(artefact.backbone_id)
        backbone.network()
        check_head(artefact.head(), backbone, artefact.golden_top1)

    def _find_pointer(self) -> Pointer | None:
        own, shipped = self.own_pointer(), self._shipped_pointer()
        return shipped if own is None or (shipped is not None and self._lacks_backbone(own.model)) else own

    def _lacks_backbone(self, model: str) -> bool:
        try:
            backbone = self.head(model).backbone_id
        except ArtefactError:
            return False  # whoever loads it says what is wrong
        return self._own("backbones", backbone) is None and not (self._shipped / "backbones" / backbone).is_dir()

    def _shipped_pointer(self) -> Pointer | None:
        return read_pointer_file(self._shipped / POINTER)

    def _find(self, kind: str, name: str) -> Path:
        if ID.fullmatch(name):
            if own := self._own(kind, name):
                return own
            if (self._shipped / kind / name).is_dir():
                return self._shipped / kind / name
        known = sorted({*_names(self._shipped / kind), *self.own_names(kind)})
        raise ArtefactError(f"no {kind.removesuffix('s')} {name!r}; there are: {', '.join(known) or 'none'}")

    def _point(self, pointer: Pointer, version: Any) -> Pointer:
        self._write_pointer(pointer, version)
        return pointer

    # What follows is all that depends on where the host's models are.

    def _fresh(self) -> tuple[Pointer | None, Any]:
        """The host's pointer as it is now, and what `_write_pointer` needs to see whether it has moved since."""
        return self.own_pointer(), None

    def own_pointer(self) -> Pointer | None:
        """The host's own, not the shipped one. Raises ArtefactError."""
        return read_pointer_file(self.root / POINTER)

    def _write_pointer(self, pointer: Pointer, _version: Any) -> None:
        self._write_file(POINTER, asdict(pointer))

    def _write_file(self, name: str, stated: Mapping[str, Any]) -> None:
        """Replaced as a whole: whoever reads meanwhile sees the one or the other."""
        self.root.mkdir(parents=True, exist_ok=True)
        write_whole(self.root / name, json.dumps(stated).encode())

    def _own(self, kind: str, name: str) -> Path | None:
        folder = self.root / kind / name
        return folder if folder.is_dir() else None

    def own_names(self, kind: str) -> list[str]:
        """Ids of the host's own `heads` or `backbones`. Raises ArtefactError."""
        return _names(self.root / kind)

    def _publish(self, folder: Path, kind: str, name: str) -> None:
        """What a filled folder needs beside its name: nothing here."""


def open_model_store(place: Path | str, cache: Path) -> ModelStore:
    """The store at a folder, or at a URL (`s3://bucket/prefix`, `gs://…`, `az://…`); `cache`: for what is fetched.

    Raises:
        ArtefactError: the URL, or what the environment says with it, names no object storage.
    """
    if isinstance(place, Path):
        return ModelStore(place)
    from inference.store.bucket_store import ModelObjects  # noqa: PLC0415 - one folder is enough for most, without the driver

    return ModelObjects(place, cache)


def _copy(folder: Path, target: Path) -> None:
    shutil.copytree(folder, target, dirs_exist_ok=True)


def _names(base: Path) -> list[str]:
    if not base.is_dir():
        return []
    return sorted(path.name for path in base.iterdir() if path.is_dir() and not path.name.startswith("."))
