"""What a network compiled for a size keeps is bounded, however many sizes come: in a process of its own."""

import os
import subprocess
import sys

import pytest

KEPT = """
import numpy as np
from shipped_engines import openvino
from breedbot.serve.large_blocks import give_large_blocks_back
from inference.look.policy import FINE_SCAN_SIZES, LARGE_SCAN_SIZES, SCAN_SIZES
def held(): return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmRSS"))
def scan(short, long): backbone.features(np.zeros((1, long, short, 3), np.uint8))
give_large_blocks_back()
backbone = openvino()
for short, long in (*SCAN_SIZES, *FINE_SCAN_SIZES, *LARGE_SCAN_SIZES): scan(short, long), scan(long, short)
before = held()
for long in range(256, 256 + 16 * 32, 32): scan(192, long)
print(held() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc elsewhere")
def test_a_size_that_is_seen_for_the_first_time_costs_no_memory_for_ever() -> None:
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", KEPT], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path}
    )

    assert float(done.stdout) < 35  # 6 MB for each of sixteen, were they kept: 92
