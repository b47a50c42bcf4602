"""The CPU engine: OpenVINO, values preprocessed inside the graph, bf16 where the CPU has it.

OpenVINO packs the weights for the processor, and keeps the original all the same: a size of picture that was not seen
before may want them packed otherwise. That is rare enough to read them from a file instead of memory.
"""

import mmap
from contextlib import suppress
from tempfile import TemporaryFile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.engine.openvino_graph import (
    build_graph,
    compile_graph,
    computes_in_bf16,
    graphs_for_bf16,
    read_graph,
    with_features,
)
from inference.engine.openvino_setup import ops, ov
from inference.model.backbone import Features
from inference.model.network import Network, PackedNetwork

BATCH_SIZES = tuple(range(1, 9))  # the graph takes any number; padding would compute zeros for nothing
CONSTANTS_FOLDER: Final = "/var/tmp"  # noqa: S108 (no name in it) - on a disk, where /tmp is memory on many machines
LARGE_BYTES: Final = 64 * 1024
ALIGNED_BYTES: Final = 64  # else OpenVINO makes a copy


class OpenVinoBackbone:
    """A network compiled for this machine's CPU.

    One stream over all cores: measured as fast as one stream a core here, with half the latency (docs/serving.md).
    """

    batch_sizes = BATCH_SIZES

    def __init__(self, network: Network) -> None:
        """Compile, and run the smallest and the largest batch: OpenVINO prepares its kernels at the first call."""
        self._constants = ConstantsFile()
        compiled = _compiled(network, self._constants)
        self.engine = f"openvino {compiled[0].get_property('INFERENCE_PRECISION_HINT').to_string()}"
        self.scans = compiled[0].input().partial_shape[1].is_dynamic
        self._requests = [graph.create_infer_request() for graph in compiled]
        for size in (BATCH_SIZES[0], BATCH_SIZES[-1]):
            self.features(np.zeros((size, network.input_px, network.input_px, 3), np.uint8))

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        """See ``Backbone.features``; not for several threads at once."""
        photos = np.ascontiguousarray(batch)
        for request in self._requests:
            request.infer([photos], share_inputs=True, share_outputs=True)
        self._constants.drop_pages()
        # Copies, the channels of all graphs one after the other.
        vectors = np.concatenate([request.get_tensor("features").data for request in self._requests], axis=-1)
        if not maps:
            return Features(vectors, None)
        return Features(
            vectors, np.concatenate([request.get_tensor("map").data for request in self._requests], axis=-1)
        )

    def close(self) -> None:
        """Free the network."""
        del self._requests


class ConstantsFile:
    """The weights of graphs in files without a name, which go with the process or with the graphs that read them."""

    def __init__(self, folder: str = CONSTANTS_FOLDER) -> None:
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


def _compiled(network: Network, constants: ConstantsFile) -> list[ov.CompiledModel]:
    """From photos to "map" and "features" on this machine's CPU; the channels of several graphs follow each other.

    `constants` takes what they are compiled from.
    """

    def compiled(graph: ov.Model, *, bf16: bool = False) -> ov.CompiledModel:
        constants.take(graph)
        return compile_graph(with_features(graph), bf16=bf16)

    if not isinstance(network, PackedNetwork):
        return [compiled(read_graph(network))]  # what bf16 would cost, nobody knows
    if not computes_in_bf16():
        return [compiled(build_graph(network))]
    rounded, *exact = graphs_for_bf16(network)
    return [compiled(rounded, bf16=True), *map(compiled, exact)]


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
