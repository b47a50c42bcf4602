"""`breedbot data …`: photos are fetched and checked, and what goes wrong is one line."""

import json
from pathlib import Path

import pytest
from checkout import SHARED
from cli_types import Cli


@pytest.fixture
def folder(home: Path, photo: Path) -> Path:
    for breed in ("beagle", "pug"):
        (home / "photos" / breed).mkdir(parents=True)
        (home / "photos" / breed / "a.jpg").write_bytes(photo.read_bytes())
    return home / "photos"


def test_check_says_what_it_found(cli: Cli, folder: Path) -> None:
    result = cli("data", "check", folder, "--fast")

    assert result.exit_code == 0
    assert "contradictions" in result.stdout
    assert "pug/a.jpg" in result.stdout


def test_check_json_is_one_document_and_the_exit_code_says_whether_training_would_take_it(
    cli: Cli, folder: Path
) -> None:
    (folder / "pug" / "broken.jpg").write_bytes(b"junk")

    result = cli("data", "check", folder, "--fast", "--json")

    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert not found["fit_to_train"]
    assert found["photos"] == 3
    assert {"not_a_dog", "afghan_hound"} <= set(found["missing"])
    assert "beagle" not in found["missing"]


def test_check_names_odd_folders_without_refusing_the_others(cli: Cli, folder: Path) -> None:
    (folder / "Afgan Hound").mkdir()

    result = cli("data", "check", folder, "--fast")

    assert result.exit_code == 1
    assert "afghan_hound" in result.stdout
    assert "contradictions" in result.stdout


def test_check_writes_groups_and_pictures_where_asked(cli: Cli, home: Path, folder: Path) -> None:
    result = cli("data", "check", folder, "--fast", "--write-groups", "--report", home / "deep" / "report")

    assert result.exit_code == 0
    assert (folder / "photos.csv").read_text().splitlines() == [
        "file,group", "beagle/a.jpg,beagle/a.jpg", "pug/a.jpg,beagle/a.jpg",
    ]  # fmt: skip
    assert {path.name for path in (home / "deep" / "report").iterdir()} == {"check.json", "near-duplicates-1.png"}


@pytest.mark.parametrize("words", [["check", "nowhere"], ["check", "a photo [1].jpg"], ["check", "."]])
def test_a_folder_that_is_none_is_one_line(cli: Cli, photo: Path, words: list[str]) -> None:
    result = cli("data", *words, "--fast")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


def test_fetch_to_a_place_that_is_no_folder_is_one_line(cli: Cli, photo: Path) -> None:
    result = cli("data", "fetch", photo)

    assert result.exit_code == 1
    assert result.stderr == f"breedbot: {photo}: File exists\n"


def test_fetch_from_an_address_that_is_none_is_one_line(cli: Cli, home: Path) -> None:
    result = cli("data", "fetch", home / "dogs", "--url", "nonsense")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "breedbot: nonsense/lists.tar: not an address of the web"


@pytest.mark.photos
@pytest.mark.slow
def test_labels_swapped_among_real_photos_are_suspected(cli: Cli, home: Path) -> None:
    if not (SHARED / "dogs").is_dir():
        pytest.skip("the real photos are not here (../shared/dogs)")
    for breed in ("beagle", "pug", "samoyed"):
        (home / "photos" / breed).mkdir(parents=True)
        for real in sorted((SHARED / "dogs" / breed).iterdir())[:20]:
            (home / "photos" / breed / real.name).symlink_to(real)
    (home / "photos" / "pug" / "000.webp").rename(home / "photos" / "beagle" / "swapped.webp")

    found = json.loads(cli("data", "check", home / "photos", "--json").stdout)

    suspects = {Path(one["path"]).name: one["suspected"] for one in found["suspects"]}
    assert suspects["swapped.webp"] == "pug"
    assert len(suspects) <= 4
