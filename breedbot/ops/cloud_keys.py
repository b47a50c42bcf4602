"""Keys of object storage: `AWS_…`, `GOOGLE_…` and `AZURE_…`, which its driver reads from the environment only."""

import os
import re
from pathlib import Path

from dotenv import dotenv_values

PREFIXES = ("AWS_", "GOOGLE_", "AZURE_")
_SECRET = re.compile(r"SECRET|TOKEN|KEY$|PASSWORD|SAS")
_SHORTEST = 8  # what is shorter is no secret, and would mask half of every log


def use_cloud_keys(file: Path = Path(".env")) -> None:
    """Let keys in `.env` count as if they were in the environment, which goes before."""
    for key, value in dotenv_values(file).items():
        if key.startswith(PREFIXES) and value:
            os.environ.setdefault(key, value)


def cloud_secrets() -> tuple[str, ...]:
    """Those that no log line may show."""
    found = {key: value for key, value in os.environ.items() if key.startswith(PREFIXES)}
    return tuple(value for key, value in found.items() if _SECRET.search(key) and len(value) >= _SHORTEST)
