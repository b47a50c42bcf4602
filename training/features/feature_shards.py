"""Rows of features on disk, by the photo they belong to, in files that are whole or not there.

A shard is ``<SHA-256 of the file>.npy``: records of a photo's SHA-256 and its features. What its name belies is damaged
and goes; equal shards of two processes are one file. Nothing is ever changed in place, so processes need no lock.

CacheError: the disk does not take or give the rows; the message names folder and reason.
"""

import hashlib
import io
import logging
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from core.atomic_file import write_whole
from inference.model.artefact import sha256

LEFTOVER_AFTER_S = 600  # a shard is written in less than a second: an older temporary file belongs to a killed run

log = logging.getLogger(__name__)


class CacheError(Exception):
    """Features cannot be kept or read where they shall be."""


class FeatureShards:
    """What one folder holds."""

    def __init__(self, folder: Path) -> None:
        """Read and verify every shard's keys; raises CacheError."""
        self._folder = folder
        self._places: dict[bytes, tuple[Path, int]] = {}
        with _disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._remove_leftovers()
            for path in sorted(folder.glob("[!.]*.npy")):
                with suppress(FileNotFoundError):  # another process has found it damaged
                    self._enter(path)

    def __contains__(self, key: bytes) -> bool:
        """Whether there is a row of the photo with this SHA-256."""
        return key in self._places

    def append(self, keys: Sequence[bytes], rows: NDArray[np.float16]) -> None:
        """Keep rows float16 [M, D] as one shard; raises CacheError, and then nothing of it is kept."""
        records = np.zeros(len(keys), [("key", np.void, 32), ("features", np.float16, rows.shape[1:])])
        records["key"], records["features"] = [np.void(key) for key in keys], rows
        content = io.BytesIO()
        np.save(content, records, allow_pickle=False)
        path = self._folder / f"{hashlib.sha256(content.getvalue()).hexdigest()}.npy"
        with _disk(self._folder):
            write_whole(path, content.getvalue())
        self._places |= {key: (path, row) for row, key in enumerate(keys)}

    def rows(self, keys: Sequence[bytes | None]) -> NDArray[np.float16]:
        """float16 [N, D] on disk, not in memory, in the order of the keys; NaN where there is no row.

        Raises:
            CacheError: the disk is full, a shard has gone, or the shards hold features of different length.
        """
        wanted: dict[Path, list[tuple[int, int]]] = defaultdict(list)
        for position, key in enumerate(keys):
            path, row = self._places.get(key or b"", (None, 0))
            if path is not None:
                wanted[path].append((position, row))
        if not wanted:
            return np.full((len(keys), 0), np.nan, np.float16)
        with _disk(self._folder), tempfile.TemporaryFile(dir=self._folder) as file:
            width = self._gather(wanted, file)
            for position, key in enumerate(keys):
                if key not in self._places:
                    _put(file, position, np.full(width, np.nan, np.float16))
            file.flush()
            return np.memmap(file, np.float16, "r", shape=(len(keys), width))

    def _gather(self, wanted: dict[Path, list[tuple[int, int]]], file: IO[bytes]) -> int:
        widths = set()
        for path, places in wanted.items():
            features = np.load(path, mmap_mode="r", allow_pickle=False)["features"]
            widths.add(features.shape[1])
            if len(widths) > 1:
                raise CacheError(f"{self._folder}: holds features of different length, {sorted(widths)}; empty it")
            for position, row in places:
                _put(file, position, features[row])
        return int(widths.pop())

    def _enter(self, path: Path) -> None:
        if sha256(path) != path.stem:
            log.warning("%s is damaged: its features are computed again", path)
            path.unlink(missing_ok=True)
            return
        keys = np.load(path, mmap_mode="r", allow_pickle=False)["key"]
        self._places |= {key.tobytes(): (path, row) for row, key in enumerate(keys)}

    def _remove_leftovers(self) -> None:
        for path in self._folder.glob(".*"):
            with suppress(FileNotFoundError):  # another process has just finished it
                if time.time() - path.stat().st_mtime > LEFTOVER_AFTER_S:
                    path.unlink()


def _put(file: IO[bytes], position: int, row: NDArray[np.float16]) -> None:
    content = row.tobytes()
    file.seek(len(content) * position)
    file.write(content)


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CacheError(f"{folder}: features cannot be kept there, {error.strerror or error}") from error
