"""Memory of large blocks goes back to the system: tried in a process of its own, since it holds for a whole one."""

import subprocess
import sys

import pytest

HELD = """
import numpy as np
from breedbot.serve.large_blocks import give_large_blocks_back
def held(): return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmRSS"))
if {given_back}: give_large_blocks_back()
np.ones(30 * 2**20, np.uint8)  # glibc learns from its end
before, large, small = held(), [], []
for _ in range(8):
    large.append(np.ones(20 * 2**20, np.uint8))
    small.append(np.ones(100_000, np.uint8))  # above it
del large
print(held() - before)
"""


def held_mb(*, given_back: bool) -> float:
    """What a process keeps of 160 MB that it has freed."""
    script = HELD.format(given_back=given_back)
    return float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no mallopt elsewhere")
def test_what_is_freed_is_not_kept() -> None:
    assert held_mb(given_back=True) < 20
