"""Photo files → prepared batches, decoded ahead in threads while the engine works. Memory stays bounded."""

import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.photo.decode import DEFAULT_LIMITS, PhotoError, PhotoTooLarge, UnreadablePhoto
from inference.worker.settings import available_cores

T = TypeVar("T")
Prepare = Callable[[bytes], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class PhotoBatch:
    """Some photos in the order given.

    Attributes:
        paths: every photo of the batch.
        pixels: uint8 [M, H, W, 3] of those that could be read.
        failures: what was wrong with the others, by path.
    """

    paths: list[Path]
    pixels: NDArray[np.uint8]
    failures: dict[Path, PhotoError]

    @property
    def readable(self) -> list[Path]:
        """Paths of the rows of ``pixels``."""
        return [path for path in self.paths if path not in self.failures]


def photo_batches(
    paths: Iterable[Path], prepare: Prepare, size: int, read: Callable[[Path], bytes] | None = None
) -> Iterator[PhotoBatch]:
    """Read and prepare photos, a few batches ahead of the consumer.

    Args:
        paths: files; one that cannot be read becomes a failure of its batch.
        prepare: bytes → uint8 [H, W, 3], such as ``Preprocessing.decode``.
        size: photos a batch.
        read: gets the bytes where `paths` name no files; raises PhotoError. Called from several threads.
    """
    for results in prepared(paths, prepare, size, read):
        pixels = [result for _, result in results if not isinstance(result, PhotoError)]
        failures = {path: result for path, result in results if isinstance(result, PhotoError)}
        stacked = np.stack(pixels) if pixels else np.zeros((0, 0, 0, 3), np.uint8)
        yield PhotoBatch([path for path, _ in results], stacked, failures)


def prepared(
    paths: Iterable[Path], prepare: Callable[[bytes], T], size: int, read: Callable[[Path], bytes] | None = None
) -> Iterator[list[tuple[Path, T | PhotoError]]]:
    """The same for whatever `prepare` makes of a photo: each path with that, or with what was wrong with it."""
    remaining = iter(paths)
    with ThreadPoolExecutor(available_cores()) as threads:
        ahead: deque[list[tuple[Path, Future[T | PhotoError]]]] = deque()
        while True:
            while len(ahead) < 3 and (chunk := list(islice(remaining, size))):
                ahead.append([(path, threads.submit(_prepare, path, prepare, read or read_photo)) for path in chunk])
            if not ahead:
                return
            yield [(path, future.result()) for path, future in ahead.popleft()]


def read_photo(path: Path) -> bytes:
    """A file's bytes; raises PhotoError if it cannot be opened, or has so many that they shall not even be read."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) and not stat.S_ISDIR(about.st_mode):  # a pipe may never end, or never begin
            raise UnreadablePhoto("is no file but a pipe or a device; save the photo first")
        if about.st_size > DEFAULT_LIMITS.limit_bytes:
            raise PhotoTooLarge(f"the file has {about.st_size:,} bytes; the limit is {DEFAULT_LIMITS.limit_bytes:,}")
        with path.open("rb") as file:
            return file.read(DEFAULT_LIMITS.limit_bytes + 1)  # it may grow, and some of /proc say that they are empty
    except OSError as error:
        raise UnreadablePhoto(f"cannot be opened: {error.strerror}") from error


def _prepare(path: Path, prepare: Callable[[bytes], T], read: Callable[[Path], bytes]) -> T | PhotoError:
    try:
        return prepare(read(path))
    except PhotoError as error:
        return error
