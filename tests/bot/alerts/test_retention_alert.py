"""Photos outlive a start with a clock that is two years ahead; moderators hear of it, and the host decides."""

from datetime import datetime, timedelta

from stage import Stage, photo
from typer.testing import CliRunner

import breedbot
from bot.alerts.alerts import Surroundings
from bot.alerts.incidents import AlertRules
from sandbox import ALICE


def age_everything(stage: Stage, days: int) -> None:
    """Rows are made older instead of the clock later."""
    for table, key, column in (("jobs", "id", "created_at"), ("inbox", "update_id", "received_at")):
        for row, moment in stage.edit_database(f"SELECT {key}, {column} FROM {table}"):
            older = datetime.fromisoformat(str(moment)) - timedelta(days=days)
            stage.edit_database(f"UPDATE {table} SET {column} = '{older:%Y-%m-%d %H:%M:%S.%f}' WHERE {key} = {row}")


async def test_a_start_two_years_ahead_erases_nothing_until_the_host_confirms(stage: Stage) -> None:
    memory = stage.folder / "retention.json"
    stage.around = Surroundings(rules=AlertRules(look_s=0.02, over_after_s=0.1), retention_memory=memory)
    stage.moderators.add(ALICE.id)
    stage.hurry(erase_s=0.05)
    async with stage.bot():
        await stage.replies([await stage.chat.send_photo(ALICE, photo(shade)) for shade in range(3)])
        await stage.settled()
    age_everything(stage, 730)
    async with stage.bot():
        await stage.until(lambda: any("I erase nothing by age" in one.text for one in stage.chat.messages(ALICE)))
        [[kept]] = stage.edit_database("SELECT count(*) FROM jobs")
        said = CliRunner().invoke(
            breedbot.app, ["retention", "confirm"], env={"BREEDBOT_DATA_DIR": str(stage.folder)}, catch_exceptions=False
        )
        await stage.until(lambda: stage.edit_database("SELECT count(*) FROM jobs") == [(0,)])
        await stage.until(lambda: any("Erasing by age goes on" in one.text for one in stage.chat.messages(ALICE)))

    assert kept == 3
    assert said.output.startswith("allowed once")
