"""What a pointer names, loaded beside the work that goes on meanwhile."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Follower(Generic[T]):
    """Call it before every batch: it says what to work with, and notices when the pointer has moved. Thread-safe.

    With a thread of its own it goes on with the old one until the next is ready, so that a move delays nothing; without
    one it loads at once, while the caller waits.
    """

    def __init__(
        self, stamp: Callable[[], int], load: Callable[[T], T], first: T, seen: int, thread: Executor | None = None
    ) -> None:
        """Begin with `first`, which is what the pointer named when its stamp was `seen`.

        Args:
            stamp: changes when the pointer moves; has to be cheap.
            load: the one before → the one of now, or the one before where that is refused.
            first: to begin with.
            seen: the stamp that belongs to it.
            thread: where to load; the caller shuts it down.
        """
        self._stamp_now = stamp
        self._load = load
        self._current = first
        self._seen = seen
        self._thread = thread
        self._loading: Future[T] | None = None
        self._lock = threading.Lock()

    def __call__(self) -> T:
        """What to work with now. Raises what `load` raised, once, and goes on with the one before."""
        with self._lock:
            self._take_loaded()
            stamp = self._stamp_now()
            if stamp != self._seen and self._loading is None:
                self._seen = stamp
                self._begin()
            return self._current

    def close(self) -> T:
        """Wait for what is being loaded. Returns: the last one, to be closed by the caller."""
        with self._lock:
            if self._loading is not None:
                wait((self._loading,))
            with suppress(Exception):  # told by whoever loads; there is nobody left to work with it
                self._take_loaded()
            return self._current

    def _begin(self) -> None:
        if self._thread is None:
            self._current = self._load(self._current)
        else:
            self._loading = self._thread.submit(self._load, self._current)

    def _take_loaded(self) -> None:
        if self._loading is not None and self._loading.done():
            loaded, self._loading = self._loading, None
            self._current = loaded.result()
