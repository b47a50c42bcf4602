"""The CPU engine: OpenVINO, values preprocessed inside the graph, bf16 where the CPU has it."""

import numpy as np
from numpy.typing import NDArray

from inference.engine.constants_file import ConstantsFile
from inference.engine.openvino_graph import compile_network
from inference.model.backbone import Features
from inference.model.network import Network

BATCH_SIZES = tuple(range(1, 9))  # the graph takes any number; padding would compute zeros for nothing


class OpenVinoBackbone:
    """A network compiled for this machine's CPU.

    One stream over all cores: measured as fast as one stream a core here, with half the latency (docs/serving.md).
    """

    batch_sizes = BATCH_SIZES

    def __init__(self, network: Network) -> None:
        """Compile, and run the smallest and the largest batch: OpenVINO prepares its kernels at the first call."""
        self._constants = ConstantsFile()
        compiled = compile_network(network, self._constants)
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
