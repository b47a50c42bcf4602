"""Everything that one can name in place of a folder of breeds is answered with what to do."""

import re
from pathlib import Path

import pytest

from training.data.read.dataset import DatasetError, read_photos


@pytest.mark.parametrize(
    ("files", "named", "said"),
    [
        (["dogs.tar"], "dogs.tar", "dogs.tar: a file; expected a folder .*; unpack it"),
        (["dogs.csv"], "dogs.csv", "dogs.csv: a file; expected a folder with a sub-folder of photos for each breed$"),
        ([], "", "no photos in it; expected .*/<breed>/"),
        (["pug/readme.txt"], "", "no photos in it"),
        (["a.jpg", "b.jpg"], "", "its photos lie in no breed's folder; expected .*/<breed>/"),
        (["pug/a.jpg"], "pug", "the photos of one breed; give the folder above it, .*one$"),
        (["dogs/pug/a.jpg"], "", "the breeds lie deeper; give .*/one/dogs$"),
        (["train/pug/a.jpg", "test/pug/b.jpg"], "", "the breeds lie deeper; give .*/test or .*/train$"),
        (["images/Images/n02085620-Chihuahua/a.jpg"], "", "the breeds lie deeper; give .*/images/Images$"),
        (["pug/2024/a.jpg"], "", "pug/2024: photos lie one level too deep; move them up into .*/pug$"),
        (["images.tar"], "", "images.tar is still packed; `breedbot data fetch .*one` unpacks it"),
        (["Afghan Hound/a.jpg", "pug/a.jpg"], "", "'Afghan Hound' is no breed of .*; rename it to afghan_hound$"),
        (["Beagel/a.jpg", "Pug/a.jpg", "x/a.jpg"], "", "rename it to beagle; also 'Pug' → pug, 'x'$"),
        (["Affenpinscher/a.jpg", *(f"x{n}/a.jpg" for n in range(9))], "", "also 'x0', .*'x4' and 4 more$"),
    ],
)  # fmt: skip
def test_a_wrong_folder_is_said_in_one_line_that_helps(tmp_path: Path, files: list[str], named: str, said: str) -> None:
    root = tmp_path / "one"
    root.mkdir()
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")

    with pytest.raises(DatasetError) as refused:
        read_photos(root / named)

    assert re.search(said, str(refused.value))
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_called_like_a_photo_is_none(tmp_path: Path) -> None:
    (tmp_path / "pug" / "more.jpg").mkdir(parents=True)
    (tmp_path / "pug" / "a.jpg").write_bytes(b"")

    assert [photo.path.name for photo in read_photos(tmp_path)] == ["a.jpg"]


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "pug"
    folder.mkdir()
    folder.chmod(0)
    try:
        list(folder.iterdir())
    except PermissionError:
        with pytest.raises(DatasetError, match="pug: cannot be read, Permission denied; check the rights"):
            read_photos(tmp_path)
    else:
        pytest.skip("this user may read everything")
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("name", ["a.jfif", "a.jpe", "a.bmp", "a.TIF", "a.tiff", "a.heic"])
def test_photos_of_every_format_that_the_chat_answers_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "pug").mkdir()
    (tmp_path / "pug" / name).write_bytes(b"")

    assert [photo.path.name for photo in read_photos(tmp_path)] == [name]
