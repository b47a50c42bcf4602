"""Models in object storage, shared by many machines: fetched by id, verified by hash, kept in a folder of this one."""

import json
import logging
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from core.object_storage import open_objects
from inference.model.artefact import ID, MANIFEST
from inference.store.bucket_pointer import PointerMoved, PointerObject
from inference.store.folder_store import LEFTOVER_AFTER_S, SHIPPED, ModelStore
from inference.store.pointer import POINTER, SHADOW, Pointer, read_pointer
from inference.store.transfer import StoreUnavailable, download, explained, intact, upload

if TYPE_CHECKING:
    from obstore import ObjectMeta

REQUEST_S = 60  # a backbone has tens of MB

log = logging.getLogger(__name__)


class ModelObjects(ModelStore):
    """A bucket laid out as the folder of a store would be. What was fetched once is used while the bucket is away."""

    def __init__(self, url: str, cache: Path, shipped: Path = SHIPPED) -> None:
        """Touch nothing yet.

        Args:
            url: see `core.object_storage`.
            cache: a folder for what was fetched, of this bucket and others; safe to share and to delete.
            shipped: models that need no bucket.
        """
        self._url = url.rstrip("/")
        super().__init__(cache / sha256(self._url.encode()).hexdigest()[:12], shipped)
        with explained(self._url):
            self._objects = open_objects(url, REQUEST_S)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pointers")
        self._champion = self._pointer_object(POINTER)
        self._candidate = self._pointer_object(SHADOW)

    @property
    def place(self) -> str:
        """The URL."""
        return self._url

    def stamp(self, pointer: str = POINTER) -> int:
        """As in a folder; changes some seconds after the pointer was moved elsewhere, at once after `nudge`."""
        return (self._champion if pointer == POINTER else self._candidate).stamp()

    def shadow(self) -> str | None:
        """As in a folder."""
        data = self._candidate.seen()
        return None if data is None else read_pointer(data, f"{self._url}/{SHADOW}").model

    def set_shadow(self, model: str | None) -> None:
        """As in a folder. Raises StoreUnavailable."""
        if model is None:
            self._candidate.remove()
        else:
            self._candidate.overwrite(json.dumps({"model": model}).encode())

    def examine(self) -> str:
        """Write, read and delete a small object, and see that conditions are kept: some servers ignore them."""
        key, place = f".doctor-{token_hex(4)}", f"{self._url}/.doctor"
        probe = PointerObject(self._objects, place, key, self.root / key, self._thread)
        try:
            probe.write(b"1", None)
            with suppress(PointerMoved):
                probe.write(b"2", None)
                raise StoreUnavailable(
                    f"{self._url} overwrites what it shall not: it ignores If-None-Match and If-Match"
                )
            stale = probe.fresh()[1]
            probe.write(b"3", stale)
            with suppress(PointerMoved):
                probe.write(b"4", stale)
                raise StoreUnavailable(f"{self._url} overwrites what it shall not: it ignores If-Match")
        finally:
            probe.remove()
        return f"{self._url}: written, read and deleted; two promoters cannot overwrite each other"

    def nudge(self) -> None:
        """Look at the pointers now; does not wait."""
        self._champion.look_now()
        self._candidate.look_now()

    def has(self, kind: str, name: str) -> bool:
        """As in a folder. Raises StoreUnavailable."""
        return self._manifest(kind, name) is not None

    def remove(self, kind: str, name: str) -> None:
        """Delete a model, first what makes it one. Raises StoreUnavailable."""
        keys = sorted(
            (meta["path"] for meta in self._all(f"{kind}/{name}/")), key=lambda key: not key.endswith(MANIFEST)
        )
        for key in keys:
            with suppress(FileNotFoundError), explained(self._url):
                self._objects.delete(key)
        super().remove(kind, name)

    def remove_leftovers(self) -> None:
        """As in a folder, in the cache and in the bucket. Raises StoreUnavailable."""
        super().remove_leftovers()
        before = datetime.now(UTC) - timedelta(seconds=LEFTOVER_AFTER_S)
        for name in self._names("heads"):
            parts = list(self._all(f"heads/{name}/"))
            whole = any(part["path"] == f"heads/{name}/{MANIFEST}" for part in parts)
            if not whole and all(part["last_modified"] < before for part in parts):
                self.remove("heads", name)

    def _fresh(self) -> tuple[Pointer | None, Any]:
        data, version = self._champion.fresh()
        return (None if data is None else read_pointer(data, f"{self._url}/{POINTER}")), version

    def own_pointer(self) -> Pointer | None:
        """As in a folder."""
        data = self._champion.seen()
        return None if data is None else read_pointer(data, f"{self._url}/{POINTER}")

    def _write_pointer(self, pointer: Pointer, version: Any) -> None:
        self._champion.write(json.dumps(asdict(pointer)).encode(), version)

    def _own(self, kind: str, name: str) -> Path | None:
        """The folder of this model in the cache: fetched if it is not there, or is no longer what the bucket has."""
        target, place = self.root / kind / name, f"{self._url}/{kind}/{name}"
        try:
            manifest = self._manifest(kind, name)
            if manifest is None:
                return None
            if not intact(target, manifest, place):
                download(self._objects, place, f"{kind}/{name}", manifest, target)
                log.info("fetched %s", place)
        except StoreUnavailable as error:
            if target.is_dir():
                log.warning("%s; %s is used as it was fetched", error, name)
            elif not (self._shipped / kind / name).is_dir():
                raise
        return target if target.is_dir() else None

    def own_names(self, kind: str) -> list[str]:
        """As in a folder."""
        return [name for name in self._names(kind) if self.has(kind, name)]

    def _publish(self, folder: Path, kind: str, name: str) -> None:
        upload(self._objects, f"{self._url}/{kind}/{name}", f"{kind}/{name}", folder)
        shutil.rmtree(self.root / kind / name, ignore_errors=True)  # an older one of the cache

    def _manifest(self, kind: str, name: str) -> bytes | None:
        if not ID.fullmatch(name):
            return None
        with suppress(FileNotFoundError), explained(self._url):
            return bytes(self._objects.get(f"{kind}/{name}/{MANIFEST}").bytes())
        return None

    def _names(self, kind: str) -> list[str]:
        with explained(self._url):
            found = self._objects.list_with_delimiter(f"{kind}/")["common_prefixes"]
        names = [prefix.rstrip("/").rpartition("/")[2] for prefix in found]
        return sorted(name for name in names if ID.fullmatch(name))

    def _all(self, prefix: str) -> Iterator["ObjectMeta"]:
        with explained(self._url):
            for page in self._objects.list(prefix):
                yield from page

    def _pointer_object(self, name: str) -> PointerObject:
        return PointerObject(self._objects, self._url, name, self.root / name, self._thread)
