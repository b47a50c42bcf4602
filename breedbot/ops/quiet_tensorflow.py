"""TensorFlow's remarks about the machine, kept off stderr: while it is imported it prints them whatever it is told."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # its own setting; who has set it lower sees what it says
FATAL_ONLY = "3"  # its errors are raised all the same


def quiet_tensorflow() -> None:
    """Hush TensorFlow from now on, if it has not been imported; nothing is imported here."""
    silent = os.environ.setdefault(LEVEL, FATAL_ONLY) == FATAL_ONLY
    if silent and not any(isinstance(finder, _Hushed) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Hushed())


class _Hushed(MetaPathFinder):
    """Finds TensorFlow where Python would, and closes stderr to it while it is imported."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def hushed(module: Any) -> None:
                with _native_stderr_closed():
                    execute(module)

            spec.loader.exec_module = hushed  # type: ignore[method-assign]
        return spec


@contextmanager
def _native_stderr_closed() -> Iterator[None]:
    """For libraries in C++, which do not ask `sys.stderr`."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
