"""`breedbot evaluate`: folders of photos in, numbers with their uncertainty out."""

import json
from pathlib import Path

import pytest
from checkout import SHARED
from cli_types import Cli

KEYS = {"top1", "top3", "precision", "recall", "f1", "ece", "not_a_dog_rejected", "dogs_rejected", "n", "model"}


@pytest.fixture
def folder(home: Path, photo: Path) -> Path:
    """Two breeds and photos without a dog, one of them not readable."""
    for number, breed in enumerate(("beagle", "pug", "not_a_dog")):
        (home / "photos" / breed).mkdir(parents=True)
        for copy in range(number + 1):
            (home / "photos" / breed / f"{copy}.jpg").write_bytes(photo.read_bytes())
    (home / "photos" / "pug" / "broken.jpg").write_bytes(b"\xff\xd8\xff junk")
    return home / "photos"


@pytest.mark.slow
def test_json_is_flat_with_interval_and_n(cli: Cli, folder: Path) -> None:
    result = cli("evaluate", folder, "--json")

    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report.keys() >= KEYS
    assert (report["n"], report["dogs"], report["not_a_dog_rejected_n"]) == (6, 3, 3)
    for key in ("top1", "f1", "ece", "aurc", "loss"):
        low, high = report[f"{key}_interval"]
        assert 0 <= low <= report[key] <= high
    assert [Path(one["path"]).name for one in report["unreadable"]] == ["broken.jpg"]
    assert "broken.jpg" in result.stderr


@pytest.mark.slow
def test_what_no_photo_tells_is_null(cli: Cli, folder: Path) -> None:
    for photo in (folder / "not_a_dog").iterdir():
        photo.unlink()

    report = json.loads(cli("evaluate", folder, "--json").stdout)

    assert report["not_a_dog_rejected"] is None
    assert report["top1"] is not None


@pytest.mark.slow
def test_a_report_is_a_page_and_three_pictures(cli: Cli, home: Path, folder: Path) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("jinja2")

    result = cli("evaluate", folder, "--report", home / "deep" / "report")

    assert result.exit_code == 0
    assert "top-1" in result.stdout
    files = {path.name for path in (home / "deep" / "report").iterdir()}
    assert files == {"index.html", "confusion_matrix.png", "reliability.png", "risk_coverage.png"}


@pytest.mark.slow
def test_breeds_without_a_name_in_the_model_are_said(cli: Cli, folder: Path) -> None:
    (folder / "pug").rename(folder / "azawakh")

    result = cli("evaluate", folder, "--json")

    assert result.exit_code == 0
    assert "no name for azawakh" in result.stderr
    assert json.loads(result.stdout)["unknown"] == ["azawakh"]


@pytest.mark.slow
@pytest.mark.parametrize("made", ["missing", "empty", "unicorn", "unreadable"])
def test_a_folder_that_cannot_be_used_is_one_clear_line(cli: Cli, home: Path, made: str) -> None:
    folder = home / made
    if made != "missing":
        folder.mkdir()
    if made == "unicorn":
        (folder / "unicorn").mkdir()
    if made == "unreadable":
        (folder / "pug").mkdir()
        (folder / "pug" / "x.jpg").write_bytes(b"junk")

    result = cli("evaluate", folder, "--json")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert made in result.stderr.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.photos
def test_real_photos_are_answered_well(cli: Cli, home: Path) -> None:
    if not (SHARED / "dogs").is_dir():
        pytest.skip("the real photos are not here (../shared/dogs)")
    for breed in ("afghan_hound", "pug", "not_a_dog"):
        (home / "photos" / breed).mkdir(parents=True)
        for photo in sorted((SHARED / "dogs" / breed).iterdir())[:8]:
            (home / "photos" / breed / photo.name).symlink_to(photo)

    report = json.loads(cli("evaluate", home / "photos", "--json").stdout)

    assert report["n"] == 24
    assert report["top1"] >= 0.8
    assert report["not_a_dog_rejected"] >= 0.8
