"""What the fixtures of the command line hand out."""

import subprocess
from collections.abc import Callable

from typer.testing import Result

PATIENCE_S = 240.0  # processes read a model first, on a machine that may be busy

Cli = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]
