"""Tokens of the HTTP API: known by their hash, taken back by their name."""

from db_clock import StoppedClock

from db.admin.api_tokens import ApiToken
from db.database import Database


async def test_a_token_is_found_by_its_hash_until_it_is_revoked(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        assert await unit.api_tokens.add("1" * 64, "app")
        found = await unit.api_tokens.find("1" * 64)
        strange = await unit.api_tokens.find("2" * 64)
        revoked = [await unit.api_tokens.revoke("app") for _ in range(2)]
        left = await unit.api_tokens.find("1" * 64)

    assert found == ApiToken("app", clock.now)
    assert (strange, revoked, left) == (None, [True, False], None)


async def test_of_one_name_there_is_one_token(database: Database) -> None:
    async with database.unit() as unit:
        added = [await unit.api_tokens.add(token * 64, name) for token, name in [("1", "a"), ("2", "a"), ("3", "b")]]
        names = [one.name for one in await unit.api_tokens.list()]

    assert added == [True, False, True]
    assert names == ["a", "b"]
