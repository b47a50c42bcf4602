"""The shape of EfficientNet-Lite2 (Tan & Le 2019, https://arxiv.org/abs/1905.11946, without squeeze-and-excite).

https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite, width 1.1 and depth 1.2.
One description that both engines and the training room share. Every convolution but a block's last one ends in a
ReLU6. Padding is TensorFlow's "SAME": the map has a 32nd of any input's size, rounded up, as ResNet50's has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

FEATURES = 1280
MEAN, VALUE_SCALE = 127.0, 128.0  # values 0–255 become (value - MEAN) / VALUE_SCALE; the first kernel divides
STEM, TOP = "lite2_stem", "lite2_top"
_EXPANSION = 6
STEM_CHANNELS = 32
_STAGES = (  # kernel, stride of the first block, channels out, blocks
    (3, 1, 16, 1),
    (3, 2, 24, 3),
    (5, 2, 48, 3),
    (3, 2, 88, 4),
    (5, 1, 120, 4),
    (5, 2, 208, 5),
    (3, 1, 352, 1),
)


@dataclass(frozen=True, slots=True)
class Block:
    """An inverted residual block: expand (all but the first), depthwise, project."""

    name: str
    kernel: int
    stride: int
    channels_in: int
    channels_out: int
    expands: bool

    @property
    def inner(self) -> int:
        """Channels of the depthwise convolution."""
        return self.channels_in * (_EXPANSION if self.expands else 1)

    @property
    def adds(self) -> bool:
        """Whether what comes in is added to what goes out."""
        return self.stride == 1 and self.channels_in == self.channels_out


def blocks() -> Iterator[Block]:
    """The 21 blocks in order."""
    channels, number = STEM_CHANNELS, 0
    for kernel, first_stride, channels_out, count in _STAGES:
        for place in range(count):
            stride = first_stride if place == 0 else 1
            yield Block(f"lite2_block{number:02}", kernel, stride, channels, channels_out, expands=number > 0)
            channels, number = channels_out, number + 1


def kernel_shapes() -> dict[str, tuple[int, ...]]:
    """Every kernel [kernel_h, kernel_w, channels_in, channels_out] by layer name; a depthwise one has 1 channel in."""
    shapes: dict[str, tuple[int, ...]] = {STEM: (3, 3, 3, STEM_CHANNELS)}
    channels = STEM_CHANNELS
    for block in blocks():
        if block.expands:
            shapes[f"{block.name}_expand"] = (1, 1, block.channels_in, block.inner)
        shapes[f"{block.name}_depthwise"] = (block.kernel, block.kernel, 1, block.inner)
        shapes[f"{block.name}_project"] = (1, 1, block.inner, block.channels_out)
        channels = block.channels_out
    return shapes | {TOP: (1, 1, channels, FEATURES)}


def params() -> int:
    """Parameters of the published network without its top: kernels, and of each channel two that batch norm learned."""
    return sum(prod(shape) + 2 * shape[-1] for shape in kernel_shapes().values())
