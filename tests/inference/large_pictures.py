"""What large pictures are compared with, and what they cost."""

import io
import subprocess
import sys

from checkout import ROOT
from PIL import Image

_RUN = """
import resource, sys
from inference.photo.preprocess import Preprocessing
decode, data = Preprocessing().decode, sys.stdin.buffer.read()
def peak_mb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before_mb = peak_mb()
decode(data)
print(peak_mb() - before_mb)
"""


def as_pillow_has_it(data: bytes) -> Image.Image:
    """RGBA, whatever it costs."""
    return Image.open(io.BytesIO(data)).convert("RGBA")


def decoding_mb(data: bytes) -> float:
    """What decoding a file takes at most, in a process of its own; Linux counts it in these units."""
    run = subprocess.run([sys.executable, "-c", _RUN], input=data, capture_output=True, check=True, cwd=ROOT)
    return float(run.stdout)
