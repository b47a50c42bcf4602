"""Where a base's weights come from, and what to do where they do not.

NetworkError
├── UnknownNetwork   a name or a size that no network has
└── WeightsError     a file does not give the weights
    └── DownloadFailed   nor does a download
"""

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any


class NetworkError(Exception):
    """A network cannot be built; the message says what to change."""


class UnknownNetwork(NetworkError):
    """No network of that name or size."""


class WeightsError(NetworkError):
    """The weights cannot be downloaded or read."""


class DownloadFailed(WeightsError):
    """Keras' own weights did not come."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name}: the ImageNet weights cannot be downloaded: {reason}. "
            f"Try again with a connection, or give a Keras weights file of {name} without its top"
        )
        self.reason = reason


def official_weights(name: str, build: Callable[[], Any]) -> Any:
    """Run Keras' own download; its bar goes to stderr, since stdout is for what was asked for.

    Raises:
        DownloadFailed: no connection, or a file that is not what Keras expects.
    """
    try:
        with redirect_stdout(sys.stderr):
            return build()
    except Exception as error:  # Keras raises the bare class: "URL fetch failure on https://…"
        raise DownloadFailed(name, _one_line(error)) from error


def weights_of_file(core: Any, name: str, file: Path) -> None:
    """Read ``.weights.h5`` and ``.keras`` of Keras 3, or ``.h5`` such as the official ``…_notop.h5``.

    Raises:
        WeightsError: no such file, or not the weights of this base.
    """
    if not file.is_file():
        raise WeightsError(f"{file}: no such file; expected Keras weights of {name} without its top")
    try:
        core.load_weights(file)
    except Exception as error:  # readers of HDF5 and Keras raise anything for a foreign file
        raise WeightsError(
            f"{file}: not Keras weights of {name} without its top (.weights.h5, .keras or .h5): {_one_line(error)}"
        ) from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(". ") or type(error).__name__
