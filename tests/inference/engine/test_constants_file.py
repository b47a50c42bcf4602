"""What a network was compiled from lies in a file, and changes no answer."""

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.engine.openvino import ConstantsFile
from inference.engine.openvino_graph import compile_graph
from inference.engine.openvino_setup import ops, ov

SIDES_PX = (32, 40, 64, 96)


def network() -> ov.Model:
    """Two convolutions: the kernel of one is large, that of the other is not."""
    rng = np.random.default_rng(5)
    photos = ops.parameter([-1, 3, -1, -1], np.float32)
    node = photos
    for channels_in, channels_out in ((3, 64), (64, 96)):
        kernel = rng.normal(size=(channels_out, channels_in, 3, 3)).astype(np.float32)
        node = ops.relu(ops.convolution(node, ops.constant(kernel), [1, 1], [1, 1], [1, 1], [1, 1]))
    return ov.Model([ops.result(node)], [photos])


def answers(graph: ov.Model, constants: ConstantsFile) -> list[NDArray[np.float32]]:
    request = compile_graph(graph).create_infer_request()
    made = []
    for side_px in SIDES_PX:
        photo = np.random.default_rng(side_px).normal(size=(1, 3, side_px, side_px)).astype(np.float32)
        made.append(request.infer([photo])[0].copy())
        constants.drop_pages()
    return made


def files_in_memory(folder: Path) -> int:
    """How many files without a name are mapped from there."""
    maps = Path("/proc/self/maps").read_text()
    return sum(line.endswith("(deleted)") and f"{folder}/" in line for line in maps.splitlines())


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_large_constants_lie_in_a_file_and_every_size_is_answered_as_before(tmp_path: Path) -> None:
    constants, graph = ConstantsFile(str(tmp_path)), network()
    expected = answers(network(), ConstantsFile())

    constants.take(graph)

    assert files_in_memory(tmp_path) == 1
    assert all(map(np.array_equal, answers(graph, constants), expected))
    del graph, constants
    assert files_in_memory(tmp_path) == 0


def test_without_the_folder_they_stay_in_memory(tmp_path: Path) -> None:
    assert_unchanged(ConstantsFile(str(tmp_path / "none")))


@pytest.mark.usefixtures("small_files")
def test_a_disk_that_is_full_leaves_them_in_memory(tmp_path: Path) -> None:
    assert_unchanged(ConstantsFile(str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def assert_unchanged(constants: ConstantsFile) -> None:
    graph = network()
    expected = answers(network(), ConstantsFile())

    constants.take(graph)

    assert all(map(np.array_equal, answers(graph, constants), expected))
