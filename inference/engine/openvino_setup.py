"""OpenVINO, for whoever builds or compiles graphs to import from here: it reads what is set here as it is imported."""

import os
from typing import Final

from inference.engine.no_telemetry import refuse_telemetry

# Machine code is made anew for every shape that comes, and kept: 6 MB of it for each of the thirty sizes of batches and
# of larger passes (docs/serving.md). OpenVINO keeps it as said below, oneDNN under it as said here.
KEPT_PRIMITIVES: Final = 512  # of one kind in one graph: those of nine shapes or more, seen last
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
refuse_telemetry()

import openvino as ov  # noqa: E402
from openvino import opset13 as ops  # noqa: E402

__all__ = ["KEPT_PRIMITIVES", "ops", "ov"]
