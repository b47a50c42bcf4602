"""Nobody else on the machine can read what the bot wrote."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_types import PATIENCE_S, Cli

MODES = {True: 0o700, False: 0o600}  # of a folder, of a file


@pytest.fixture
def careless() -> Iterator[None]:
    """A process that lets everybody read and write what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def loose(folder: Path) -> dict[str, str]:
    """What has other rights than it should."""
    found = {path: path.lstat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
    return {str(path): oct(mode) for path, mode in found.items() if mode != MODES[path.is_dir()]}


def open_while_running(home: Path, *words: str) -> dict[str, str]:
    """Start a command and stop it once it is ready. Returns: what others could have read meanwhile."""
    command = [sys.executable, "-m", "breedbot", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "ready" in line or "the chat is at" in line:
                break
        found = loose(home / "data")
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    return found


@pytest.mark.slow
def test_a_bot_of_a_careless_shell_writes_for_itself_alone(home: Path, careless: None) -> None:
    running = open_while_running(home, "run")

    assert running == {}
    assert (home / "data" / "breedbot.sqlite3").exists()
    assert loose(home / "data") == {}


@pytest.mark.slow
def test_a_folder_that_was_open_is_closed_with_all_in_it(home: Path, careless: None) -> None:
    photos = home / "data" / "photos" / "ab"
    photos.mkdir(parents=True)
    (photos / "photo").write_bytes(b"x")
    (home / "elsewhere").write_bytes(b"x")
    (photos / "link").symlink_to(home / "elsewhere")
    open_while_running(home, "chat")

    (photos / "link").unlink()
    assert loose(home / "data") == {}
    assert (home / "elsewhere").stat().st_mode & 0o777 == 0o666


def test_commands_that_make_the_tables_make_them_private(home: Path, cli: Cli, careless: None) -> None:
    done = cli("db", "upgrade")

    assert done.exit_code == 0
    assert loose(home / "data") == {}


@pytest.mark.parametrize(("mode", "level"), [(0o755, "warn"), (0o700, "ok")])
def test_doctor_says_that_others_can_read_the_data(home: Path, cli: Cli, mode: int, level: str) -> None:
    (home / "data").mkdir()
    (home / "data").chmod(mode)
    found = json.loads(cli("doctor", "--json").stdout)
    [about] = [one for one in found if one["check"] == "data folder"]

    assert about["level"] == level
    assert ("mode 0755" in about["detail"]) is (level == "warn")
