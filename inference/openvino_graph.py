"""ResNet50 as an OpenVINO graph, built from packed weights: serving needs neither TensorFlow nor a converter."""

from collections.abc import Mapping

import numpy as np

from inference.packed_weights import PackedConv
from inference.resnet50 import INPUT_PX, MEAN_RGB, Block, blocks
from inference.telemetry import refuse_telemetry

refuse_telemetry()  # so OpenVINO is imported here and nowhere else

import openvino as ov  # noqa: E402
from openvino import opset13 as ops  # noqa: E402


def build_graph(weights: Mapping[str, PackedConv], *, until: str | None = None) -> ov.Model:
    """The network from photos to features, with the preprocessing of values folded in.

    Args:
        weights: by Keras layer name.
        until: the name of a block ("conv4_block6"): stop there and give its output only.

    Returns:
        A model of uint8 [N, 224, 224, 3] RGB with outputs "features" float32 [N, 2048] and "map" float32
        [N, 2048, 7, 7]; with ``until`` one output "map" float32 [N, channels, height, width].
    """
    photos = ops.parameter([-1, INPUT_PX, INPUT_PX, 3], np.uint8, name="photos")
    photos.output(0).tensor.set_names({"photos"})
    values = ops.transpose(ops.convert(photos, "f32"), np.array([0, 3, 1, 2]))
    node = ops.subtract(values, np.array(MEAN_RGB, np.float32).reshape(1, 3, 1, 1))
    node = ops.relu(_convolution(node, weights["conv1_conv"], stride=2))
    node = ops.max_pool(node, [2, 2], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)
    for block in blocks():
        node = _bottleneck(node, block, weights)
        if block.name == until:
            return ov.Model([_named(node, "map")], [photos], "resnet50_trunk")
    features = ops.squeeze(ops.reduce_mean(node, np.array([2, 3]), keep_dims=True), np.array([2, 3]))
    return ov.Model([_named(features, "features"), _named(node, "map")], [photos], "resnet50")


def compile_graph(graph: ov.Model) -> ov.CompiledModel:
    """Compile for this machine's CPU: one stream over all cores."""
    return ov.Core().compile_model(graph, "CPU", {"PERFORMANCE_HINT": "LATENCY"})


def _bottleneck(node: ov.Node, block: Block, weights: Mapping[str, PackedConv]) -> ov.Node:
    def conv(source: ov.Node, number: int, stride: int = 1) -> ov.Node:
        return _convolution(source, weights[f"{block.name}_{number}_conv"], stride)

    shortcut = conv(node, 0, block.stride) if block.projects else node
    inner = ops.relu(conv(node, 1, block.stride))
    inner = ops.relu(conv(inner, 2))
    return ops.relu(ops.add(shortcut, conv(inner, 3)))


def _convolution(node: ov.Node, conv: PackedConv, stride: int) -> ov.Node:
    kernel = np.ascontiguousarray(conv.dequantise().transpose(3, 2, 0, 1))
    pad = [kernel.shape[2] // 2] * 2
    result = ops.convolution(node, ops.constant(kernel), [stride, stride], pad, pad, [1, 1])
    return ops.add(result, conv.bias.reshape(1, -1, 1, 1))


def _named(node: ov.Node, name: str) -> ov.Node:
    result = ops.result(node)
    result.output(0).tensor.set_names({name})
    return result
