"""Who may use the HTTP API: tokens, of which only the hashes are stored."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from db.repository import Repository, insert
from db.tables import api_tokens


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is known here: not what it is, but whose."""

    name: str
    created_at: datetime


_SHOWN = (api_tokens.c.name, api_tokens.c.created_at)


class ApiTokens(Repository):
    """Tokens by the SHA-256 (hex) of what they are."""

    async def add(self, token_hash: str, name: str) -> bool:
        """A new one; False, and nothing is added, where there is one of this name."""
        new = insert(api_tokens).values(token_hash=token_hash, name=name, created_at=self._now())
        return await self._run(new.on_conflict_do_nothing()) > 0

    async def find(self, token_hash: str) -> ApiToken | None:
        """The token with this hash, or None: unknown, or revoked."""
        return await self._first(ApiToken, select(*_SHOWN).where(api_tokens.c.token_hash == token_hash))

    async def list(self) -> list[ApiToken]:
        """All of them, oldest first."""
        return await self._all(ApiToken, select(*_SHOWN).order_by(api_tokens.c.created_at, api_tokens.c.name))

    async def revoke(self, name: str) -> bool:
        """From now on it opens nothing; whether there was one of this name."""
        return await self._run(delete(api_tokens).where(api_tokens.c.name == name)) > 0
