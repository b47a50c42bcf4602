"""A pointer in object storage: moved only by who has seen where it points, followed without waiting for a network."""

import logging
import threading
import time
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from obstore.exceptions import AlreadyExistsError, NotModifiedError, PreconditionError

from core.atomic_file import write_whole
from inference.model.artefact import ArtefactError
from inference.store.transfer import StoreUnavailable, explained

if TYPE_CHECKING:
    from obstore import ObjectMeta, PutResult, UpdateVersion
    from obstore.store import ObjectStore

LOOK_S = 5.0  # between two looks while somebody asks

log = logging.getLogger(__name__)


class PointerMoved(ArtefactError):
    """Somebody else has moved the pointer meanwhile; nothing was changed."""


class PointerObject:
    """The bytes of one pointer, as they were at the last look; whoever asks sets off the next one. Thread-safe."""

    def __init__(self, objects: "ObjectStore", url: str, name: str, memory: Path, thread: Executor) -> None:
        """Touch nothing yet.

        Args:
            objects: where it is.
            url: of the store, for messages.
            name: its key.
            memory: a file that keeps what was seen, for a start while the storage is away.
            thread: for looks in the background.
        """
        self._objects = objects
        self._place = f"{url}/{name}"
        self._name = name
        self._memory = memory
        self._thread = thread
        self._lock = threading.Lock()
        self._data: bytes | None = None
        self._version: UpdateVersion | None = None
        self._looked_at: float | None = None
        self._looking = False
        self._away = False
        self._moves = 0  # of our own: what a look found that began before one of them is old

    def stamp(self) -> int:
        """Changes when another place is pointed at; 0 = nowhere, or not looked yet. Costs microseconds."""
        self._look_soon()
        data = self._data
        return 0 if data is None else hash(data) or 1

    def seen(self) -> bytes | None:
        """What the pointer says, at most some seconds ago; None = there is none. Only the first call waits.

        Raises:
            StoreUnavailable: it was never seen, and cannot be.
        """
        if self._looked_at is None:
            self._first_look()
        else:
            self._look_soon()
        return self._data

    def fresh(self) -> tuple[bytes | None, "UpdateVersion | None"]:
        """What it says now, and which version says so, for `write`. Raises StoreUnavailable."""
        try:
            with explained(self._place):
                found = self._objects.get(self._name)
                version = _version(found.meta)
                self._take(bytes(found.bytes()), version)
        except FileNotFoundError:
            self._take(None, None)
        return self._data, self._version

    def write(self, data: bytes, version: "UpdateVersion | None") -> None:
        """Point elsewhere, if it still is at this version; None: if there is none yet.

        Raises:
            PointerMoved: it is not; nothing was changed.
            StoreUnavailable: not known to be written.
        """
        try:
            with explained(self._place):
                put = self._objects.put(self._name, data, mode="create" if version is None else version)
        except (AlreadyExistsError, PreconditionError):
            if self.fresh()[0] != data:  # else it was our own first try, whose answer was lost
                raise PointerMoved(
                    f"{self._place} was moved by somebody else meanwhile; look at `breedbot models list` and try again"
                ) from None
        else:
            self._take(data, _version(put))

    def overwrite(self, data: bytes) -> None:
        """Point elsewhere, whatever it says. Raises StoreUnavailable."""
        with explained(self._place):
            put = self._objects.put(self._name, data)
        self._take(data, _version(put))

    def remove(self) -> None:
        """Point nowhere. Raises StoreUnavailable."""
        with suppress(FileNotFoundError), explained(self._place):
            self._objects.delete(self._name)
        self._take(None, None)

    def look_now(self) -> None:
        """Look in the background, however young the last look is: somebody said that it has moved."""
        self._look_soon(0.0)

    def _first_look(self) -> None:
        try:
            self.fresh()
        except StoreUnavailable as error:
            try:
                remembered = self._memory.read_bytes()
            except OSError:
                raise error from None
            log.warning("%s; what was last seen there counts", error)
            with self._lock:
                self._data, self._looked_at = remembered, time.monotonic()

    def _look_soon(self, age_s: float = LOOK_S) -> None:
        with self._lock:
            young = self._looked_at is not None and time.monotonic() - self._looked_at < age_s
            if young or self._looking:
                return
            self._looking = True
        try:
            self._thread.submit(self._look)
        except RuntimeError:  # the process ends
            self._looking = False

    def _look(self) -> None:
        moves = self._moves
        try:
            with explained(self._place):
                tag = (self._version or {}).get("e_tag")
                found = self._objects.get(self._name, options={"if_none_match": tag} if tag else None)
                version = _version(found.meta)
                self._take(bytes(found.bytes()), version, moves)
        except FileNotFoundError:
            self._take(None, None, moves)
        except NotModifiedError:
            self._take(self._data, self._version, moves)
        except ArtefactError as error:
            if not self._away:
                log.warning("%s; what was last seen there counts until it comes back", error)
            self._away, self._looked_at = True, time.monotonic()
        finally:
            self._looking = False

    def _take(self, data: bytes | None, version: "UpdateVersion | None", since: int | None = None) -> None:
        """This is what it says; `since`: how often we had moved it when it was asked."""
        with self._lock:
            if since is None:
                self._moves += 1
            elif since != self._moves:
                return
            changed = data != self._data
            self._data, self._version = data, version
            self._looked_at, self._away = time.monotonic(), False
        if changed:
            self._remember(data)

    def _remember(self, data: bytes | None) -> None:
        """What cannot be noted is only missed at a start while the storage is away."""
        try:
            if data is None:
                self._memory.unlink(missing_ok=True)
                return
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._memory, data)
        except OSError as error:
            log.info("%s is not noted: %s", self._place, error)


def _version(stored: "PutResult | ObjectMeta") -> "UpdateVersion":
    version: UpdateVersion = {}
    if stored["e_tag"] is not None:  # S3, Azure
        version["e_tag"] = stored["e_tag"]
    if stored["version"] is not None:  # Google
        version["version"] = stored["version"]
    return version
