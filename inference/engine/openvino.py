"""The CPU engine: OpenVINO, values preprocessed inside the graph, bf16 where the CPU has it."""

import numpy as np
from numpy.typing import NDArray

from inference.engine.openvino_graph import build_graph, compile_graph, computes_in_bf16, read_graph, with_features
from inference.model.backbone import Features
from inference.model.network import Network, PackedResNet50

BATCH_SIZES = tuple(range(1, 9))  # the graph takes any number; padding would compute zeros for nothing


class OpenVinoBackbone:
    """A network compiled for this machine's CPU.

    One stream over all cores: measured as fast as one stream a core here, with half the latency (docs/serving.md).
    """

    batch_sizes = BATCH_SIZES

    def __init__(self, network: Network) -> None:
        """Compile, and run the smallest and the largest batch: OpenVINO prepares its kernels at the first call."""
        bf16 = isinstance(network, PackedResNet50) and computes_in_bf16()  # of others nobody knows what it costs
        graph = build_graph(network, bf16=bf16) if isinstance(network, PackedResNet50) else read_graph(network)
        self.scans = graph.input().partial_shape[1].is_dynamic
        compiled = compile_graph(with_features(graph), bf16=bf16)
        self.engine = f"openvino {compiled.get_property('INFERENCE_PRECISION_HINT').to_string()}"
        self._request = compiled.create_infer_request()
        for size in (BATCH_SIZES[0], BATCH_SIZES[-1]):
            self.features(np.zeros((size, network.input_px, network.input_px, 3), np.uint8))

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        """See ``Backbone.features``; not for several threads at once."""
        self._request.infer([np.ascontiguousarray(batch)], share_inputs=True, share_outputs=True)
        vectors = self._request.get_tensor("features").data.copy()
        if not maps:
            return Features(vectors, None)
        return Features(vectors, self._request.get_tensor("map").data.copy())

    def close(self) -> None:
        """Free the network."""
        del self._request
