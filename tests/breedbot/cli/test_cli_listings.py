"""`breeds`, `db` and `doctor`."""

import json
import socket
from pathlib import Path

import pytest
from cli_types import Cli

from breedbot.ops.settings import unknown_keys


def test_breeds_are_listed_with_those_that_the_model_can_name(cli: Cli) -> None:
    breeds = {one["breed"]: one for one in json.loads(cli("breeds", "--json").stdout)}

    assert len(breeds) >= 120
    assert breeds["beagle"]["answered"]
    assert not breeds["azawakh"]["answered"]
    assert breeds["afghan_hound"]["name_fr"] == "Lévrier afghan"


def test_breeds_are_found_by_what_people_type(cli: Cli) -> None:
    found = cli("breeds", "--search", "huski", "--json")
    nothing = cli("breeds", "--search", "qqqq")

    assert json.loads(found.stdout)[0]["breed"] == "siberian_husky"
    assert nothing.exit_code == 1
    assert "qqqq" in nothing.stderr


def test_the_database_is_made_and_then_up_to_date(cli: Cli) -> None:
    before = json.loads(cli("db", "current", "--json").stdout)
    made = cli("db", "upgrade")
    after = json.loads(cli("db", "current", "--json").stdout)
    again = cli("db", "upgrade")

    assert before["current"] is None
    assert made.stdout.startswith("none → ")
    assert after["current"] == after["head"] == before["head"]
    assert "up to date" in again.stdout


@pytest.mark.slow
def test_doctor_finds_a_fresh_install_well(cli: Cli) -> None:
    result = cli("doctor", "--json")

    checks = {one["check"]: one for one in json.loads(result.stdout)}
    assert {check: one for check, one in checks.items() if one["level"] == "fail"} == {}
    assert result.exit_code == 0
    assert {"python", "decode HEIC", "champion", "database", "disk", "telegram"} <= checks.keys()


@pytest.mark.slow
def test_doctor_says_what_is_broken_and_what_to_do(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "data").mkdir()
    (home / "data" / "breedbot.sqlite3").write_bytes(b"not a database at all" * 100)
    (home / "data" / "models" / "heads" / "broken").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("BREEDBOT_HTTP_PORT", str(port))
        monkeypatch.setenv("BREEDBOT_CHAT_PROT", "1")
        monkeypatch.setenv("BREEDBOT_TELEGRAM_API", "http://127.0.0.1:9")  # discard: nobody listens
        monkeypatch.setenv("BREEDBOT_TELEGRAM_TOKEN", "123456789:AAEabcdefghijklmnopqrstuvwxyz0123456")

        result = cli("doctor", "--json")

    found = {one["check"]: one for one in json.loads(result.stdout)}
    assert result.exit_code == 1
    for check in ("database", f"port {port}", "models", "telegram"):
        assert found[check]["level"] == "fail", check
        assert found[check]["remedy"], check
    assert found["settings"]["level"] == "warn"
    assert "BREEDBOT_CHAT_PORT" in found["settings"]["detail"]
    assert "AAEabc" not in result.output


def test_keys_of_env_files_are_known_or_named(home: Path) -> None:
    (home / ".env").write_text("BREEDBOT_LANGUAGE=fr\nBREEDBOT_MODERATOR=1\nOTHER=2\n")

    assert unknown_keys() == ["BREEDBOT_MODERATOR (did you mean BREEDBOT_MODERATORS?)"]
