"""`breedbot predict`: one answer a photo, and a photo that cannot be read fails alone."""

import json
from pathlib import Path

import pytest
from cli_types import PATIENCE_S, Cli, Start
from PIL import Image


@pytest.mark.slow
def test_json_is_one_object_a_line_and_nothing_else(cli: Cli, photo: Path) -> None:
    (photo.parent / "empty.jpg").touch()

    result = cli("predict", photo, "empty.jpg", "missing.jpg", photo, "--json")

    assert result.exit_code == 1
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["path"] for line in lines] == [str(photo), "empty.jpg", "missing.jpg", str(photo)]
    answered, empty, missing, again = lines
    assert answered == again
    assert answered.keys() == {"path", "kind", "top", "not_a_dog", "dogs", "model"}
    assert answered["kind"] in {"breed", "unsure", "not_a_dog"}
    assert len(answered["top"]) == 5
    assert all(entry.keys() == {"breed", "name", "confidence"} for entry in answered["top"])
    confidences = [entry["confidence"] for entry in answered["top"]]
    assert confidences == sorted(confidences, reverse=True)
    assert empty == {"path": "empty.jpg", "error": empty["error"]}
    assert "empty" in empty["error"]
    assert "No such file" in missing["error"]


@pytest.mark.slow
def test_people_get_a_line_a_photo_and_errors_on_stderr(cli: Cli, photo: Path) -> None:
    result = cli("predict", photo, "missing.jpg")

    assert result.exit_code == 1
    assert result.stdout.startswith(f"{photo}: ")
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr.splitlines() == ["breedbot: missing.jpg: cannot be opened: No such file or directory"]


@pytest.mark.slow
def test_heatmaps_of_photos_of_one_name_do_not_overwrite_each_other(cli: Cli, home: Path, photo: Path) -> None:
    other = home / "other" / photo.name
    other.parent.mkdir()
    other.write_bytes(photo.read_bytes())

    result = cli("predict", photo, other, "--heatmap", home / "maps", "--json")

    assert result.exit_code == 0
    painted = [Path(json.loads(line)["heatmap"]) for line in result.stdout.splitlines()]
    assert len(set(painted)) == 2
    for path in painted:
        with Image.open(path) as image:
            assert (image.format, image.width, image.height > 240) == ("PNG", 320, True)


@pytest.mark.slow
def test_all_gives_every_label_a_probability(cli: Cli, photo: Path) -> None:
    line = json.loads(cli("predict", photo, "--json", "--all").stdout)
    words = cli("predict", photo, "--all").stdout

    assert len(line["all"]) > 80
    assert sum(entry["confidence"] for entry in line["all"]) == pytest.approx(1, abs=0.01)
    assert {entry["breed"] for entry in line["top"]} < {entry["breed"] for entry in line["all"]}
    assert len(words.splitlines()) == 1 + len(line["all"])


@pytest.mark.photos
@pytest.mark.slow
def test_files_that_must_be_answered_are_and_what_is_missing_is_said(cli: Cli, originals: Path) -> None:
    files = [file for file in sorted((originals.parent / "cases").iterdir()) if file.suffix != ".md"]
    lines = [json.loads(line) for line in cli("predict", "--json", *files).stdout.splitlines()]

    assert {Path(line["path"]).name: line.get("error") or line["top"][0]["breed"] for line in lines} == {
        file.name: "afghan_hound" for file in files
    }
    assert [Path(line["path"]).name for line in lines if "cut" in line] == ["trunc_base_99.jpg"]


def test_an_unknown_model_and_an_unwritable_folder_are_named(cli: Cli, photo: Path) -> None:
    unknown = cli("predict", photo, "--model", "no-such-model")
    unwritable = cli("predict", photo, "--heatmap", photo / "below-a-file")

    assert unknown.exit_code == unwritable.exit_code == 1
    assert "no-such-model" in unknown.stderr
    assert "below-a-file" in unwritable.stderr
    assert unknown.stdout == unwritable.stdout == ""


@pytest.mark.slow
@pytest.mark.photos
def test_real_photos_are_named_by_a_real_process(start: Start, originals: Path) -> None:
    photos = sorted(originals.glob("b*_0.jpg"))

    out, err = start("predict", "--json", *photos).communicate(timeout=PATIENCE_S)

    assert err == ""
    named = [json.loads(line)["top"][0]["breed"] for line in out.splitlines()]
    right = [photo.stem.rpartition("_")[0] for photo in photos]
    assert sum(a == b for a, b in zip(named, right, strict=True)) >= len(photos) - 1
