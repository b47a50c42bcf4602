"""The registry of heads knows one champion."""

import pytest
from db_clock import StoppedClock

from db.database import Database
from db.errors import RowMissing


async def test_promoting_retires_the_champion_before(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        for model_id in ("head-1", "head-2"):
            await unit.model_versions.add(model_id, backbone_id="resnet50-1", manifest={"schema": 1}, note="a note")
            clock.forward(minutes=1)
            await unit.model_versions.promote(model_id)
        champion = await unit.model_versions.champion()
        await unit.model_versions.promote("head-1")
        back = await unit.model_versions.champion()

        assert champion is not None
        assert (champion.model_id, champion.promoted_at, champion.manifest) == ("head-2", clock.now, {"schema": 1})
        assert back is not None
        assert (back.model_id, back.retired_at) == ("head-1", None)
        assert [model.model_id for model in await unit.model_versions.list()] == ["head-2", "head-1"]


async def test_a_head_registered_twice_stays_as_it_is(database: Database) -> None:
    async with database.unit() as unit:
        first = await unit.model_versions.add("head-1", backbone_id="resnet50-1", manifest={"schema": 1})
        again = await unit.model_versions.add("head-1", backbone_id="other", manifest={})

        assert again == first
        assert await unit.model_versions.get("head-1") == first
        assert await unit.model_versions.champion() is None


async def test_an_unknown_head_is_not_promoted_and_the_champion_stays(database: Database) -> None:
    async with database.unit() as unit:
        await unit.model_versions.add("head-1", backbone_id="resnet50-1", manifest={})
        await unit.model_versions.promote("head-1")
    with pytest.raises(RowMissing, match="head-9"):
        async with database.unit() as unit:
            await unit.model_versions.promote("head-9")

    async with database.unit(read_only=True) as unit:
        champion = await unit.model_versions.champion()
    assert champion is not None
    assert champion.model_id == "head-1"
