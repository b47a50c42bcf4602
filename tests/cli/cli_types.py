"""What the fixtures of the command line hand out."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

Cli = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]
SHARED = Path(__file__).parents[3] / "shared"
