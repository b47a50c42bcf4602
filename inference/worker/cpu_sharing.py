"""Decoders and a CPU engine take turns at the cores.

The engine's threads meet after every layer: a core that one of them has to share with a decoder keeps all the others
waiting, which costs several times what the decoder uses.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 2.0  # then a decoder goes ahead: an engine that hangs must not hold it for ever


class CpuSharing:
    """One per worker; for an engine with cores of its own (a GPU) nobody waits."""

    def __init__(self, *, shared_cores: bool) -> None:
        self._shared_cores = shared_cores
        self._changed = threading.Condition()
        self._computing = False

    @contextmanager
    def computing(self) -> Iterator[None]:
        """While the engine has the cores; in the one inference thread."""
        self._set(computing=True)
        try:
            yield
        finally:
            self._set(computing=False)

    def wait_to_decode(self) -> None:
        """Block until the engine rests."""
        if self._shared_cores:
            with self._changed:
                self._changed.wait_for(lambda: not self._computing, PATIENCE_S)

    def _set(self, *, computing: bool) -> None:
        with self._changed:
            self._computing = computing
            self._changed.notify_all()
