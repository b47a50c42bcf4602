"""`breedbot models`: which there are, which one answers, and how it is handed on."""

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from cli_types import Cli

from inference.model.artefact import MANIFEST
from inference.store.folder_store import SHIPPED


@pytest.fixture
def shipped() -> str:
    """The champion that comes with the package."""
    return str(json.loads((SHIPPED / "champion.json").read_text())["model"])


@pytest.fixture
def candidate(home: Path, shipped: str) -> str:
    """The same head under another name, in the host's own store."""
    name = "candidate-1"
    target = home / "data" / "models" / "heads" / name
    shutil.copytree(SHIPPED / "heads" / shipped, target)
    manifest = json.loads((target / MANIFEST).read_text())
    (target / MANIFEST).write_text(json.dumps({**manifest, "model": name, "created_at": "2999-01-01T00:00:00+00:00"}))
    return name


def test_the_list_marks_the_one_that_answers(cli: Cli, shipped: str, candidate: str) -> None:
    result = cli("models", "list", "--json")

    models = json.loads(result.stdout)
    assert [(one["model"], one["champion"]) for one in models] == [(shipped, True), (candidate, False)]
    assert {"backbone", "created_at", "metrics", "size_bytes"} <= models[0].keys()


def test_the_table_shows_interval_and_n(cli: Cli, shipped: str) -> None:
    result = cli("models", "list")

    line = next(line for line in result.stdout.splitlines() if shipped in line)
    assert "★" in line
    assert "–" in line
    assert ", n " in line


def test_numbers_of_different_photos_are_marked(cli: Cli, home: Path, shipped: str, candidate: str) -> None:
    same = cli("models", "list").stdout
    path = home / "data" / "models" / "heads" / candidate / MANIFEST
    manifest = json.loads(path.read_text())
    metrics = {**manifest["metrics"], "split": "another part"}
    path.write_text(json.dumps({**manifest, "metrics": metrics}))

    other = " ".join(cli("models", "list").stdout.split())
    listed = json.loads(cli("models", "list", "--json").stdout)

    assert "b:" not in same
    assert "models compare" not in same
    assert f"a: {metrics['n']} photos of data set" in other
    assert f"b: {metrics['n']} photos of data set" in other
    assert "models compare A B" in other
    assert [one["measured_on"].rpartition(": ")[2] for one in listed] == [manifest["metrics"]["split"], "another part"]


def test_two_models_are_compared_on_the_golden_photos_of_their_backbone(cli: Cli, shipped: str, candidate: str) -> None:
    result = cli("models", "compare", shipped, candidate, "--json")
    found = json.loads(result.stdout)

    assert result.exit_code == 0
    assert (found["first"], found["second"], found["difference"]) == (shipped, candidate, 0)
    assert found["n"] > 100
    assert 0.8 < found["first_top1"] <= 1
    assert candidate in cli("models", "compare", shipped, candidate).stdout
    assert "nobody" in cli("models", "compare", shipped, "nobody").stderr


@pytest.mark.photos
@pytest.mark.slow
def test_two_models_are_compared_on_photos(cli: Cli, originals: Path, home: Path, shipped: str, candidate: str) -> None:
    for photo in sorted(originals.glob("keeshond_*")):
        target = home / "photos" / "keeshond" / photo.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photo, target)

    found = json.loads(cli("models", "compare", shipped, candidate, "--photos", home / "photos", "--json").stdout)

    assert (found["n"], found["only_first"], found["only_second"]) == (2, 0, 0)


def test_promote_and_rollback_move_the_pointer(cli: Cli, shipped: str, candidate: str) -> None:
    promoted = cli("models", "promote", candidate)
    shown = json.loads(cli("models", "show", "--json").stdout)
    back = cli("models", "rollback")
    after = json.loads(cli("models", "list", "--json").stdout)

    assert candidate in promoted.stdout
    assert (shown["model"], shown["champion"]) == (candidate, True)
    assert shipped in back.stdout
    assert [(one["model"], one["champion"], one["previous"]) for one in after] == [
        (shipped, True, False),
        (candidate, False, False),  # what was left is no way back
    ]


def registry(home: Path) -> list[tuple[str, bool]]:
    """Models, and whether the registry says that they answer."""
    with closing(sqlite3.connect(home / "data" / "breedbot.sqlite3")) as connection:
        rows = connection.execute("SELECT model_id, retired_at IS NULL FROM model_versions ORDER BY model_id")
        return [(model, bool(answers)) for model, answers in rows]


def test_promote_and_rollback_are_in_the_registry_at_once(cli: Cli, home: Path, shipped: str, candidate: str) -> None:
    cli("db", "upgrade")

    assert cli("models", "promote", candidate).exit_code == 0
    promoted = registry(home)
    assert cli("models", "rollback").exit_code == 0

    assert promoted == [(candidate, True)]
    assert registry(home) == [(candidate, False), (shipped, True)]


def test_without_a_database_the_pointer_moves_and_none_is_made(cli: Cli, home: Path, candidate: str) -> None:
    result = cli("models", "promote", candidate)

    assert result.exit_code == 0
    assert not list((home / "data").glob("*.sqlite3"))


def test_what_cannot_be_promoted_or_rolled_back_is_said(cli: Cli, shipped: str) -> None:
    promoted = cli("models", "promote", "../../etc")
    back = cli("models", "rollback")

    assert promoted.exit_code == back.exit_code == 1
    assert "../../etc" in promoted.stderr
    assert shipped in back.stderr


def test_show_names_the_card(cli: Cli, shipped: str) -> None:
    result = cli("models", "show", shipped)

    assert "card.md" in result.stdout
    assert "temperature" in result.stdout


def test_show_gives_each_number_its_interval(cli: Cli, shipped: str) -> None:
    rows = [line.split() for line in cli("models", "show", shipped).stdout.splitlines()]

    assert ["ece", "0.017", "(0.000–0.028)"] in rows
    assert "intervals" not in {row[0] for row in rows if row}


def test_an_export_is_the_same_bytes_each_time_and_installs_by_unpacking(cli: Cli, home: Path, shipped: str) -> None:
    assert cli("models", "export", shipped, home / "one.zip").exit_code == 0
    assert cli("models", "export", shipped, home / "two.zip").exit_code == 0

    assert (home / "one.zip").read_bytes() == (home / "two.zip").read_bytes()
    with zipfile.ZipFile(home / "one.zip") as archive:
        archive.extractall(home / "data" / "models")
    listed = json.loads(cli("models", "list", "--json").stdout)
    assert [Path(one["folder"]).is_relative_to(home) for one in listed] == [True]


def test_a_failed_export_leaves_nothing_behind(cli: Cli, home: Path, shipped: str) -> None:
    folder = home / "folder"
    folder.mkdir()

    unknown = cli("models", "export", "no-such-model", folder / "x.zip")
    nowhere = cli("models", "export", shipped, home / "missing" / "x.zip")
    onto_folder = cli("models", "export", shipped, folder)

    assert [unknown.exit_code, nowhere.exit_code, onto_folder.exit_code] == [1, 1, 1]
    assert not list(folder.iterdir())
    assert all(len(result.stderr.splitlines()) == 1 for result in (unknown, nowhere, onto_folder))
