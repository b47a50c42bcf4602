"""What the fixtures of the command line hand out."""

import subprocess
from collections.abc import Callable

from typer.testing import Result

Cli = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]
