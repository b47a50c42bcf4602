"""The link that lets one moderator in, once."""

from datetime import timedelta
from typing import Final

from bot.console.tokens import new_token, token_hash
from core.clock import Clock, utc_now
from db.database import Database

LINK_VALID: Final = timedelta(minutes=10)


async def new_login_link(database: Database, moderator_id: int, public_url: str, *, clock: Clock = utc_now) -> str:
    """Make a link; those that this moderator has not used yet are void from now on.

    Args:
        database: open.
        moderator_id: who will be logged in; ask first whether they are a moderator.
        public_url: where our HTTP port is reached, such as ``settings.public_address()``.
        clock: the one of the database.

    Raises:
        DatabaseError: nothing was stored.
    """
    token = new_token()
    async with database.unit() as unit:
        await unit.console.prune()
        await unit.console.add_link(token_hash(token), moderator_id=moderator_id, expires_at=clock() + LINK_VALID)
    return f"{public_url.rstrip('/')}/console/login/{token}"
