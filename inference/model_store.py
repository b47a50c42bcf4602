"""Where models live: the host's folder, and beneath it the default model that ships with the package."""

import json
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inference.artefact import (
    ID,
    ArtefactError,
    BackboneArtefact,
    HeadArtefact,
    open_backbone_artefact,
    open_head_artefact,
)
from inference.selfcheck import check_head

SHIPPED = Path(__file__).parent / "pretrained"
POINTER = "champion.json"


@dataclass(frozen=True, slots=True)
class Pointer:
    """``champion.json``: the model that answers, and the one before it."""

    model: str
    previous: str | None = None


class ModelStore:
    """Heads and backbones by id, and the champion pointer.

    The host's folder is looked into first; a model that it lacks is taken from the shipped folder, so a fresh install
    answers at once and an upgrade of the package never overwrites what the host trained.
    """

    def __init__(self, root: Path, shipped: Path = SHIPPED) -> None:
        """Touch nothing yet: the folder is made by the first write."""
        self.root = root
        self._shipped = shipped

    def pointer(self) -> Pointer:
        """The champion; raises ArtefactError where there is none."""
        if pointer := self._find_pointer():
            return pointer
        raise ArtefactError(f"{self.root}: no champion.json and no model shipped with the package; train one first")

    def candidates(self) -> list[str]:
        """Models that may answer, best first: champion, the one before it, the shipped one; raises ArtefactError.

        A host's champion can be lost to a disk error, and a shipped one is replaced by an upgrade of the package.
        """
        pointer = self.pointer()
        shipped = self._shipped / POINTER
        last = [_read_pointer(shipped).model] if shipped.exists() else []
        return list(dict.fromkeys(model for model in (pointer.model, pointer.previous, *last) if model))

    def stamp(self) -> int:
        """Changes whenever the pointer is moved; cheap enough to ask before every batch.

        The clock of a file system ticks every few milliseconds, so the time alone would hide the second of two moves.
        """
        try:
            found = (self.root / POINTER).stat()
        except FileNotFoundError:
            return 0
        return hash((found.st_mtime_ns, found.st_ino))

    def heads(self) -> list[HeadArtefact]:
        """Every model, oldest first; raises ArtefactError for a damaged one."""
        folders = {path.name: path for base in (self._shipped, self.root) for path in _folders(base / "heads")}
        found = [open_head_artefact(path) for path in folders.values()]
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
        current = self._find_pointer()
        if current is None:
            return self._point(Pointer(model))
        if current.model == model:
            return current
        return self._point(Pointer(model, current.model))

    def rollback(self) -> Pointer:
        """Point back at the previous model; raises ArtefactError where there is none or it does not load."""
        current = self.pointer()
        if current.previous is None:
            raise ArtefactError(f"{current.model} is the first champion: there is no model to go back to")
        self._check(current.previous)
        return self._point(Pointer(current.previous, current.model))

    def add(self, kind: str, name: str, fill: Callable[[Path], None]) -> Path:
        """Write a folder ``kind/name`` as a whole or not at all: ``fill`` gets a temporary one, renamed at the end."""
        if not ID.fullmatch(name):
            raise ArtefactError(f"{name!r}: a model id has lower-case letters, digits, '.', '_' and '-' only")
        target = self.root / kind / name
        if target.exists():
            raise ArtefactError(f"{target}: exists already")
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.parent / f".{name}.{secrets.token_hex(4)}"
        try:
            temporary.mkdir()
            fill(temporary)
            temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return target

    def _check(self, model: str) -> None:
        """Everything that can be known without an engine; the champion checks the engine too when it loads."""
        artefact = self.head(model)
        backbone = self.backbone(artefact.backbone_id)
        backbone.weights()
        check_head(artefact.head(), backbone, artefact.golden_top1)

    def _find_pointer(self) -> Pointer | None:
        for folder in (self.root, self._shipped):
            if (folder / POINTER).exists():
                return _read_pointer(folder / POINTER)
        return None

    def _find(self, kind: str, name: str) -> Path:
        if ID.fullmatch(name):
            for base in (self.root, self._shipped):
                if (base / kind / name).is_dir():
                    return base / kind / name
        known = sorted({path.name for base in (self.root, self._shipped) for path in _folders(base / kind)})
        raise ArtefactError(f"no {kind.removesuffix('s')} {name!r}; there are: {', '.join(known) or 'none'}")

    def _point(self, pointer: Pointer) -> Pointer:
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / f".{POINTER}.{secrets.token_hex(4)}"
        try:
            with temporary.open("w", encoding="utf-8") as file:
                json.dump(asdict(pointer), file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.root / POINTER)
        finally:
            temporary.unlink(missing_ok=True)
        return pointer


class PinnedStore(ModelStore):
    """Finds what any store finds there, but points at a model of one's choice: to try it without promoting it."""

    def __init__(self, root: Path, model: str, shipped: Path = SHIPPED) -> None:
        """Raise ArtefactError if there is no such model."""
        super().__init__(root, shipped)
        self._model = self.head(model).id

    def pointer(self) -> Pointer:
        """Always the same."""
        return Pointer(self._model)

    def candidates(self) -> list[str]:
        """No other."""
        return [self._model]

    def stamp(self) -> int:
        """Never changes."""
        return 0


def _folders(base: Path) -> list[Path]:
    if not base.is_dir():
        return []
    return sorted(path for path in base.iterdir() if path.is_dir() and not path.name.startswith("."))


def _read_pointer(path: Path) -> Pointer:
    try:
        stated: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        pointer = Pointer(**stated)
    except (OSError, ValueError, TypeError) as error:
        raise ArtefactError(f"{path}: not a champion pointer, {error}") from error
    if not all(isinstance(value, str) or (key == "previous" and value is None) for key, value in stated.items()):
        raise ArtefactError(f"{path}: not a champion pointer, {pointer}")
    return pointer
