"""`breedbot data preview`: photos in, one picture out."""

from pathlib import Path

import pytest
from cli_types import Cli
from PIL import Image

ROWS_PX = 204  # a row of a contact sheet
COLUMN_PX = 180


@pytest.fixture
def folder(home: Path, photo: Path) -> Path:
    """Two breeds, a photo each."""
    for breed in ("beagle", "pug"):
        (home / "photos" / breed).mkdir(parents=True)
        (home / "photos" / breed / "1.jpg").write_bytes(photo.read_bytes())
    return home / "photos"


@pytest.mark.parametrize(
    ("options", "columns", "title"),
    [
        ((), 8, "study"),
        (("--preset", "modern"), 8, "modern"),
        (("--steps", "equalise,denoise"), 4, "equalise,denoise"),
        (("--steps", "equalise", "--preset", "none"), 9, "equalise · none"),
    ],
)
def test_a_sheet_is_drawn(
    cli: Cli, home: Path, folder: Path, options: tuple[str, ...], columns: int, title: str
) -> None:
    result = cli("data", "preview", folder, home / "new" / "sheet.png", *options)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{home / 'new' / 'sheet.png'}: 2 photos, {title}\n"
    with Image.open(home / "new" / "sheet.png") as sheet:
        assert sheet.format == "PNG"
        assert sheet.width == 10 + columns * COLUMN_PX
        assert sheet.height // ROWS_PX == 2


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--preset", "old"), "breedbot: unknown augmentation 'old'; there are: study, modern, none"),
        (("--steps", "blur"), "breedbot: unknown step 'blur'; there are: equalise, "),
    ],
)
def test_an_unknown_name_is_told_with_those_there_are(
    cli: Cli, home: Path, folder: Path, options: tuple[str, str], reason: str
) -> None:
    result = cli("data", "preview", folder, home / "sheet.png", *options)

    assert result.exit_code == 1
    assert result.stderr.startswith(reason)
    assert len(result.stderr.splitlines()) == 1
    assert not (home / "sheet.png").exists()


def test_a_folder_without_photos_is_named(cli: Cli, home: Path) -> None:
    result = cli("data", "preview", home / "none", home / "sheet.png")

    assert result.exit_code == 1
    assert "none: no such folder" in result.stderr
