"""Networks as OpenVINO graphs: the packed ones built from their weights, any other one as it is stored.

Serving needs neither TensorFlow nor a converter.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inference.engine.bfloat16 import diffused
from inference.engine.openvino_setup import KEPT_PRIMITIVES, ops, ov
from inference.model import efficientnet_lite2 as lite2
from inference.model.network import PackedNetwork, StoredNetwork
from inference.model.resnet50 import MEAN_RGB, Block, blocks, kernel_shapes
from inference.model.weights import Float32


@dataclass(frozen=True, slots=True)
class _Conv:
    """`kernel`: [kernel_h, kernel_w, channels_in, channels_out]; `bias`: [channels_out]."""

    kernel: Float32
    bias: Float32


def computes_in_bf16() -> bool:
    """Whether OpenVINO will, on this machine's CPU."""
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def build_graph(network: PackedNetwork, *, until: str | None = None, bf16: bool = False) -> ov.Model:
    """The network from photos to its map, with the preprocessing of values folded in.

    Args:
        network: weights and size.
        until: the name of a block of ResNet50 ("conv4_block6"): stop there.
        bf16: make it for an engine that computes so; of a pair only ResNet50.

    Returns:
        A model of uint8 [N, H, W, 3] RGB, of any size, with one output "map", float32 [N, h, w, channels].
    """
    photos, values, convs = _begin(network)
    mean = np.array(MEAN_RGB, np.float32)
    node = _resnet50(values, *(_for_bf16(convs, mean) if bf16 else (convs, mean)), until)
    if network.is_pair and until is None and not bf16:
        node = ops.concat([node, _efficientnet_lite2(values, convs)], 1)
    return _end(node, photos)


def graphs_for_bf16(network: PackedNetwork) -> list[ov.Model]:
    """ResNet50, made to be computed in bf16; of a pair then EfficientNet-Lite2, to be computed in float32.

    Rounding to bf16 leaves the features of the one off by 0.9 %, those of the other by 4.4 %.
    """
    resnet50 = build_graph(network, bf16=True)
    if not network.is_pair:
        return [resnet50]
    photos, values, convs = _begin(network)
    return [resnet50, _end(_efficientnet_lite2(values, convs), photos)]


def read_graph(network: StoredNetwork) -> ov.Model:
    """A stored network: as `build_graph` gives it, but for the name of what it gives, and whatever it gives besides.

    Of its own size only, where it cannot take others.

    Raises:
        ValueError: it takes or gives something else.
        RuntimeError: OpenVINO cannot read it.
    """
    core = ov.Core()
    core.set_property({"ENABLE_MMAP": False})  # what is replaced on the disk must not change a network that answers
    graph = core.read_model(network.graph)
    if len(graph.inputs) != 1 or (taken := graph.input()).element_type != ov.Type.u8:
        raise ValueError(f"the graph takes {', '.join(map(str, graph.inputs))}, not photos uint8 [N, H, W, 3]")
    try:
        graph.reshape({taken: [-1, -1, -1, 3]})
    except RuntimeError:  # something in it has the one size
        graph.reshape({taken: [-1, network.input_px, network.input_px, 3]})
    given = graph.output(0)
    if given.element_type != ov.Type.f32 or given.partial_shape.rank != 4:
        raise ValueError(f"the graph gives {given}, not a map float32 [N, h, w, D]")
    return graph


def with_features(graph: ov.Model) -> ov.Model:
    """From photos to "map", a graph's first output, and "features" float32 [N, D], its mean over the positions."""
    node = graph.output(0).get_node().input_value(0)
    features = ops.reduce_mean(node, np.array([1, 2]))
    return ov.Model([_named(node, "map"), _named(features, "features")], graph.get_parameters())


def compile_graph(graph: ov.Model, *, bf16: bool = False) -> ov.CompiledModel:
    """Compile for this machine's CPU: one stream over all cores, in float32 or, where it has that, in bf16."""
    hints = {"PERFORMANCE_HINT": "LATENCY", "CPU_RUNTIME_CACHE_CAPACITY": KEPT_PRIMITIVES}
    if not bf16:
        hints["INFERENCE_PRECISION_HINT"] = "f32"
    return ov.Core().compile_model(graph, "CPU", hints)


def _begin(network: PackedNetwork) -> tuple[ov.Node, ov.Node, dict[str, _Conv]]:
    """Photos as they come, their values float32 [N, 3, H, W], and the convolutions."""
    photos = ops.parameter([-1, -1, -1, 3], np.uint8, name="photos")
    values = ops.transpose(ops.convert(photos, "f32"), np.array([0, 3, 1, 2]))
    return photos, values, {name: _Conv(conv.dequantise(), conv.bias) for name, conv in network.weights.items()}


def _end(node: ov.Node, photos: ov.Node) -> ov.Model:
    return ov.Model([_named(ops.transpose(node, np.array([0, 2, 3, 1])), "map")], [photos], "backbone")


def _for_bf16(convs: Mapping[str, _Conv], mean: Float32) -> tuple[dict[str, _Conv], Float32]:
    """ResNet50's weights as bf16 holds them, and whole numbers as the mean: values up to 256 are exact then.

    What the mean is rounded by goes into the first bias; only along the photo's edge, where the network sees zeros
    instead of more photo, this is not quite the same.
    """
    rounded = np.rint(mean)
    first = convs["conv1_conv"]
    shift = (rounded - mean) @ first.kernel.sum((0, 1))
    made = {name: _Conv(diffused(convs[name].kernel), convs[name].bias) for name in kernel_shapes()}
    return made | {"conv1_conv": _Conv(made["conv1_conv"].kernel, first.bias + shift)}, rounded


def _resnet50(values: ov.Node, convs: Mapping[str, _Conv], mean: Float32, until: str | None) -> ov.Node:
    node = ops.subtract(values, mean.reshape(1, 3, 1, 1))
    node = ops.relu(_convolution(node, convs["conv1_conv"], stride=2))
    node = ops.max_pool(node, [2, 2], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)
    for block in blocks():
        node = _bottleneck(node, block, convs)
        if block.name == until:
            break
    return node


def _bottleneck(node: ov.Node, block: Block, convs: Mapping[str, _Conv]) -> ov.Node:
    def conv(source: ov.Node, number: int, stride: int = 1) -> ov.Node:
        return _convolution(source, convs[f"{block.name}_{number}_conv"], stride)

    shortcut = conv(node, 0, block.stride) if block.projects else node
    inner = ops.relu(conv(node, 1, block.stride))
    inner = ops.relu(conv(inner, 2))
    return ops.relu(ops.add(shortcut, conv(inner, 3)))


def _convolution(node: ov.Node, conv: _Conv, stride: int) -> ov.Node:
    kernel = np.ascontiguousarray(conv.kernel.transpose(3, 2, 0, 1))
    pad = [kernel.shape[2] // 2] * 2
    result = ops.convolution(node, ops.constant(kernel), [stride, stride], pad, pad, [1, 1])
    return ops.add(result, conv.bias.reshape(1, -1, 1, 1))


def _efficientnet_lite2(values: ov.Node, convs: Mapping[str, _Conv]) -> ov.Node:
    node = _relu6(_same(ops.subtract(values, np.float32(lite2.MEAN)), convs[lite2.STEM], stride=2))
    for block in lite2.blocks():
        inner = _relu6(_same(node, convs[f"{block.name}_expand"])) if block.expands else node
        inner = _relu6(_depthwise(inner, convs[f"{block.name}_depthwise"], block.stride))
        inner = _same(inner, convs[f"{block.name}_project"])
        node = ops.add(node, inner) if block.adds else inner
    return _relu6(_same(node, convs[lite2.TOP]))


def _same(node: ov.Node, conv: _Conv, stride: int = 1) -> ov.Node:
    kernel = ops.constant(np.ascontiguousarray(conv.kernel.transpose(3, 2, 0, 1)))
    result = ops.convolution(node, kernel, [stride] * 2, [0, 0], [0, 0], [1, 1], auto_pad="same_upper")
    return ops.add(result, conv.bias.reshape(1, -1, 1, 1))


def _depthwise(node: ov.Node, conv: _Conv, stride: int) -> ov.Node:
    kernel = ops.constant(np.ascontiguousarray(conv.kernel.transpose(3, 2, 0, 1)[:, :, None]))
    result = ops.group_convolution(node, kernel, [stride] * 2, [0, 0], [0, 0], [1, 1], auto_pad="same_upper")
    return ops.add(result, conv.bias.reshape(1, -1, 1, 1))


def _relu6(node: ov.Node) -> ov.Node:
    return ops.clamp(node, 0.0, 6.0)


def _named(node: ov.Node, name: str) -> ov.Node:
    result = ops.result(node)
    result.output(0).tensor.set_names({name})
    return result
