"""What an API token looks like, and how the database knows it."""

import hashlib
import secrets
from typing import Final

TOKEN_BYTES: Final = 32
_PREFIX: Final = "breedbot_"  # so that people, and scanners of repositories, see what it is


def new_token() -> str:
    """256 random bits: not to be guessed, so a plain hash is enough."""
    return _PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """SHA-256 in hex, as the database keeps it."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
