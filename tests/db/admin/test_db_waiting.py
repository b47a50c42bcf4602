"""What waits is counted by stage, and what is in trouble says why and until when."""

from datetime import timedelta

from db_clock import StoppedClock
from db_samples import ANNA, BEN, queued, update

from db.admin.waiting import StageStatus
from db.database import Database


async def test_each_stage_says_what_waits_and_why(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1, ANNA), update(2, ANNA), update(3, BEN)])
        soon = clock() + timedelta(seconds=30)
        await unit.inbox.later(1, soon, "Telegram is away")
        await queued(unit)

    async with database.unit(read_only=True) as unit:
        stages = {one.stage: one for one in await unit.waiting.stages()}

    assert list(stages) == ["inbox", "jobs", "albums", "outbox", "thanks", "notices"]
    assert stages["inbox"] == StageStatus("inbox", 3, 1, 1, soon, "Telegram is away")
    assert stages["jobs"] == StageStatus("jobs", 1, 1, 0, None, None)
    assert stages["outbox"].waiting == 0
