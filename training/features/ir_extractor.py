"""A frozen network in OpenVINO's format, such as a teacher: photos to features, for training only."""

from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from inference.engine.openvino_graph import compile_graph
from inference.model.artefact import sha256
from inference.photo.preprocess import Preprocessing
from training.data.read.labelled_photo import DatasetError


class IrExtractor:
    """``NAME.xml`` beside ``NAME.bin``: uint8 [N, side, side, 3], RGB → "features" float32 [N, D]."""

    batch_size = 4

    def __init__(self, path: Path) -> None:
        """Compile; raises DatasetError if the file is missing or of another form."""
        try:
            self._compiled = compile_graph(ov.Core().read_model(path))
            side = self._compiled.input(0).partial_shape[1].get_length()
            self.width = self._compiled.output("features").partial_shape[1].get_length()
            self.id = f"teacher-{sha256(path.with_suffix('.bin'))[:12]}"
        except (OSError, RuntimeError) as error:
            raise DatasetError(f"{path}: no network of OpenVINO with 'features', {error}") from error
        self.prepare = Preprocessing(side, side, "center_crop").decode

    def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """uint8 [N, side, side, 3] → float32 [N, D]."""
        return np.array(self._compiled(batch)["features"], np.float32)
