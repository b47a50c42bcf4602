"""Secrets that open doors. The database knows them by their hash only: who reads it still cannot come in."""

import hashlib
import secrets
from typing import Final

TOKEN_BYTES: Final = 32  # 256 random bits: not to be guessed, so a plain hash is enough
TOKEN_LENGTH: Final = 43  # the same in URL-safe base64


def new_token() -> str:
    """43 URL-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """SHA-256 in hex, as the database keeps it."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def csrf_token(session_token: str) -> str:
    """What pages of this session send along with each change. Other websites cannot know it, nor compute it."""
    return token_hash(f"csrf:{session_token}")
