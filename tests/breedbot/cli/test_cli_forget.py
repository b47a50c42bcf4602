"""`forget USER_ID`: what is stored of a person goes, after a question, and what went is said."""

import subprocess
import sys
from pathlib import Path

import pytest
from cli_types import Cli
from test_cli_feedback import ANNA, BEN, Said, jpeg


@pytest.fixture
def said(home: Path) -> Said:
    """Anna and Ben have corrected an answer each."""
    people = Said(home)
    people.claim(user_id=ANNA)
    people.claim(user_id=BEN)
    return people


def photos(said: Said) -> int:
    return sum(file.is_file() for file in said.store.root.rglob("*"))


def test_all_that_is_stored_of_a_person_goes_and_is_counted(cli: Cli, said: Said) -> None:
    done = cli("forget", ANNA, "--yes")

    assert done.exit_code == 0
    assert f"deleted of user {ANNA}: 1 photos, 1 answers and 1 things said about them" in done.stdout
    assert photos(said) == 1
    assert f'"user_id": {ANNA}' not in (listed := cli("feedback", "list", "--json", "--with-users").stdout)
    assert str(BEN) in listed


def asked(answer: str, *words: object) -> "subprocess.CompletedProcess[str]":
    """The command, with what is typed when it asks."""
    command = [sys.executable, "-m", "breedbot", "forget", *map(str, words)]
    return subprocess.run(command, input=answer, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--yes",)])
def test_a_stranger_is_said_to_be_one(said: Said, words: tuple[str, ...]) -> None:
    done = asked("y\n", 4711, *words)

    assert done.returncode == 1
    assert (done.stdout, done.stderr) == ("", "breedbot: nothing is stored of a person with the id 4711\n")
    assert photos(said) == 2


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_deleted(said: Said, typed: str) -> None:
    done = asked(typed, ANNA)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"breedbot: delete 1 photos, 1 answers and 1 things said about them of user {ANNA}, for good? [y/N]",
        "breedbot: nothing was deleted; --yes deletes without asking",
    ]
    assert photos(said) == 2


@pytest.mark.slow
def test_a_yes_is_enough(said: Said) -> None:
    done = asked("y\n", ANNA)

    assert done.returncode == 0
    assert done.stdout.startswith(f"deleted of user {ANNA}: ")


def test_a_photo_that_somebody_else_sent_too_stays_for_them(cli: Cli, home: Path) -> None:
    said, shared = Said(home), jpeg(1)
    said.claim(user_id=ANNA, photo=shared)
    said.claim(user_id=BEN, photo=shared)
    cli("forget", ANNA, "--yes")

    assert photos(said) == 1
