"""`breedbot bench path` measures a real bot: each photo is answered, and each press stored, or it fails."""

import json

import pytest
from cli_types import Cli


@pytest.mark.slow
def test_a_photo_and_a_press_are_measured_from_the_update_to_its_mark(cli: Cli) -> None:
    result = cli("bench", "path", "--quick", "--json")

    assert result.exit_code == 0, result.output
    measured = json.loads(result.stdout)
    keys = {"files", "functions", "transactions", "shared_notes", "syncs", "bot_cpu_ms"}
    assert {name: set(path) for name, path in measured.items()} == {"photo": keys, "press": keys}
    photo, press = measured["photo"], measured["press"]
    assert photo["functions"] > photo["files"] > press["files"] > 10
    assert photo["transactions"] >= 3  # the update, photo and job, the result
    assert photo["syncs"] > photo["transactions"]  # the file, too
    assert press["transactions"] >= 2  # the update, the claim
    assert photo["bot_cpu_ms"] > 0 < press["bot_cpu_ms"]
