"""`backup` and `restore` as commands."""

import json
from pathlib import Path

import pytest
from cli_types import Cli


def test_a_backup_is_made_brought_up_to_date_and_restored(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("db", "upgrade").exit_code == 0
    first, second = cli("backup", home / "backup"), cli("backup", home / "backup", "--json")
    monkeypatch.setenv("BREEDBOT_DATA_DIR", str(home / "other"))
    restored = cli("restore", home / "backup")
    again = cli("restore", home / "backup", "--json")

    assert "0 photos (0 new)" in first.stdout
    assert json.loads(second.stdout) == {
        "photos": 0, "new_photos": 0, "missing_photos": 0, "models": 0,
        "database_bytes": (home / "backup" / "breedbot.sqlite3").stat().st_size,
    }  # fmt: skip
    assert restored.exit_code == 0, restored.stderr
    assert (home / "other" / "breedbot.sqlite3").exists()
    assert again.exit_code == 1
    assert "is there already" in str(again.exception) + again.stderr


def test_what_is_no_backup_is_named(cli: Cli, home: Path) -> None:
    result = cli("restore", home / "nothing")

    assert result.exit_code == 1
    assert "backup.json" in str(result.exception) + result.stderr
    assert not (home / "data").exists()
