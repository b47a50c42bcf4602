"""The shape of ResNet50 v1 (He et al. 2015, https://arxiv.org/abs/1512.03385) as Keras Applications builds it.

One description that the OpenVINO graph, the Keras engine and the training room share. Layer names are Keras' own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

INPUT_PX = 224  # what it was trained at; it takes any size
FEATURES = 2048
MEAN_RGB = (123.68, 116.779, 103.939)  # keras.applications.resnet50.preprocess_input, mode "caffe"


@dataclass(frozen=True, slots=True)
class Block:
    """A bottleneck block; ``stride`` sits on its first 1×1 convolution (v1, not v1.5)."""

    name: str
    filters: int
    stride: int
    projects: bool


def blocks() -> Iterator[Block]:
    """The 16 bottleneck blocks in order."""
    for stage, (filters, count) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)], start=2):
        for number in range(1, count + 1):
            first = number == 1
            yield Block(f"conv{stage}_block{number}", filters, 2 if first and stage > 2 else 1, first)


def kernel_shapes() -> dict[str, tuple[int, ...]]:
    """Every convolution's kernel [kernel_h, kernel_w, channels_in, channels_out] by layer name."""
    shapes: dict[str, tuple[int, ...]] = {"conv1_conv": (7, 7, 3, 64)}
    channels = 64
    for block in blocks():
        inner, outer = block.filters, 4 * block.filters
        if block.projects:
            shapes[f"{block.name}_0_conv"] = (1, 1, channels, outer)
        shapes[f"{block.name}_1_conv"] = (1, 1, channels, inner)
        shapes[f"{block.name}_2_conv"] = (3, 3, inner, inner)
        shapes[f"{block.name}_3_conv"] = (1, 1, inner, outer)
        channels = outer
    return shapes


def keras_params() -> int:
    """Parameters of Keras' network without its top: kernels, and of each channel a bias and four of batch norm."""
    return sum(prod(shape) + 5 * shape[-1] for shape in kernel_shapes().values())
