"""The weights that a network was compiled from, in a file instead of memory.

OpenVINO packs them for the processor, and keeps the original all the same: a size of picture that was not seen before
may want them packed otherwise. That is rare enough to read them from the disk.
"""

import mmap
from contextlib import suppress
from tempfile import TemporaryFile
from typing import Final

import numpy as np

from inference.engine.openvino_setup import ops, ov

FOLDER: Final = "/var/tmp"  # noqa: S108 (no name in it) - on a disk, where /tmp is memory on many machines
LARGE_BYTES: Final = 64 * 1024
ALIGNED_BYTES: Final = 64  # else OpenVINO makes a copy


class ConstantsFile:
    """Files without a name, which go with the process or with the graphs that read them."""

    def __init__(self, folder: str = FOLDER) -> None:
        self._folder = folder
        self._mapped: list[mmap.mmap] = []

    def take(self, graph: ov.Model) -> None:
        """Move a graph's large float32 constants there, before it is compiled; without room they stay in memory."""
        large = [op for op in graph.get_ops() if _is_large(op)]
        with suppress(OSError):
            if large:
                self._mapped.append(_move(large, self._folder))

    def drop_pages(self) -> None:
        """What was read of them needs memory no longer, until it is read again."""
        for mapped in self._mapped:
            mapped.madvise(mmap.MADV_DONTNEED)


def _is_large(op: ov.Node) -> bool:
    return bool(
        op.get_type_name() == "Constant" and op.get_element_type() == ov.Type.f32 and op.get_byte_size() >= LARGE_BYTES
    )


def _move(constants: list[ov.Node], folder: str) -> mmap.mmap:
    starts = []
    with TemporaryFile(dir=folder) as file:
        for constant in constants:
            file.write(b"\0" * (-file.tell() % ALIGNED_BYTES))
            starts.append(file.tell())
            file.write(constant.data.tobytes())
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)  # nobody writes; OpenVINO takes what can be
    for constant, start in zip(constants, starts, strict=True):
        values = np.frombuffer(mapped, np.float32, constant.data.size, start).reshape(constant.data.shape)
        constant.output(0).replace(ops.constant(values, shared_memory=True).output(0))
    return mapped
