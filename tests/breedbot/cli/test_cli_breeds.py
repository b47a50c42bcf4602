"""`breeds add`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_types import Cli

from core.breeds.catalogue import use_catalogue

NAMES = ("--en", "Moon Hound", "--fr", "Chien de lune")


@pytest.fixture(autouse=True)
def _forgotten_afterwards() -> Iterator[None]:
    yield
    use_catalogue(None)


def test_an_added_breed_is_listed_and_found(cli: Cli, home: Path) -> None:
    added = cli("breeds", "add", "moon_hound", *NAMES, "--group", "scent_hounds", "--alias", "moonie")

    listed = {one["breed"]: one for one in json.loads(cli("breeds", "--json").stdout)}
    found = json.loads(cli("breeds", "--search", "moonie", "--json").stdout)
    assert (added.exit_code, listed["moon_hound"]["own"], listed["beagle"]["own"]) == (0, True, False)
    assert str(home / "data" / "breeds.json") in added.stdout
    assert found[0]["breed"] == "moon_hound"
    assert "+" in cli("breeds", "--search", "moonie").stdout


def test_an_added_breed_may_have_names_in_every_language_and_is_called_in_english_where_it_has_none(cli: Cli) -> None:
    cli("breeds", "add", "moon_hound", *NAMES, "--de", "Mondhund", "--pt", "Cão da lua")

    found, *_ = json.loads(cli("breeds", "--search", "mondhund", "--json").stdout)
    assert [found[f"name_{language}"] for language in ("de", "es", "pt")] == ["Mondhund", "Moon Hound", "Cão da lua"]


def test_the_default_group_is_what_the_kennel_club_leaves_out(cli: Cli) -> None:
    cli("breeds", "add", "moon_hound", *NAMES)

    assert json.loads(cli("breeds", "--search", "moon hound", "--json").stdout)[0]["group"] == "unrecognised"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("beagle", *NAMES), "beagle is in the catalogue already"),
        (("Moon Hound", *NAMES), "slug='Moon Hound'"),
        (("moon_hound", *NAMES, "--group", "toys"), "group='toys' is not one of herding"),
        (("moon_hound", *NAMES, "--alias", "teckel"), "'teckel' is a name of dachshund already"),
        (("moon_hound", "--en", "Moon Hound"), "--fr"),
    ],
)
def test_a_breed_that_cannot_be_added_is_refused_in_one_line(
    cli: Cli, home: Path, words: tuple[str, ...], said: str
) -> None:
    refused = cli("breeds", "add", *words)

    assert refused.exit_code != 0
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not (home / "data" / "breeds.json").exists()


def test_a_damaged_file_of_own_breeds_is_named(cli: Cli, home: Path) -> None:
    path = home / "data" / "breeds.json"
    path.parent.mkdir()
    path.write_text("{")

    listed = cli("breeds")
    doctor = {one["check"]: one for one in json.loads(cli("doctor", "--json").stdout)}

    assert listed.exit_code == 1
    assert str(path) in listed.stderr
    assert doctor["breeds"]["level"] == "fail"
    assert str(path) in doctor["breeds"]["detail"]
