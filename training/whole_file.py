"""Files that are there as a whole or not at all."""

import secrets
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write beside it and rename; raises OSError, and then what was there stays."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
