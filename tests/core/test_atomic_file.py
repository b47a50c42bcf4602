"""Files and folders are there as a whole or not at all."""

import stat
from pathlib import Path

import pytest

from core.atomic_file import whole_file, whole_folder, write_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    write_whole(file, b"old")
    write_whole(file, b"new")

    assert file.read_bytes() == b"new"
    assert names(tmp_path) == ["weights.npz"]


def test_a_file_is_written_under_a_hidden_name_with_its_suffix(tmp_path: Path) -> None:
    with whole_file(tmp_path / "best.weights.h5") as temporary:
        temporary.write_bytes(b"half")

        assert names(tmp_path) == [temporary.name]
        assert temporary.name.startswith(".")
        assert temporary.name.endswith(".weights.h5")


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "champion.json"
    write_whole(file, b"old")

    with pytest.raises(TypeError), whole_file(file) as temporary:
        temporary.write_bytes([b"half"])  # type: ignore[arg-type]

    assert file.read_bytes() == b"old"
    assert names(tmp_path) == ["champion.json"]


@pytest.mark.usefixtures("small_files")
def test_a_disk_that_is_full_is_told_by_the_name_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(OSError) as file:  # noqa: PT011 - whatever the system says of it
        write_whole(tmp_path / "model.zip", bytes(8192))
    with pytest.raises(OSError) as folder, whole_folder(tmp_path / "tuned") as unfinished:  # noqa: PT011 - as above
        (unfinished / "head.npz").write_bytes(bytes(8192))

    assert (file.value.filename, folder.value.filename) == (str(tmp_path / "model.zip"), str(tmp_path / "tuned"))
    assert names(tmp_path) == []


def test_a_private_file_is_its_owners_only(tmp_path: Path) -> None:
    write_whole(tmp_path / "photo", b"bytes", private=True)

    assert stat.S_IMODE((tmp_path / "photo").stat().st_mode) == 0o600


def test_a_folder_gets_its_name_when_it_is_filled(tmp_path: Path) -> None:
    target = tmp_path / "heads" / "tuned"
    with whole_folder(target) as unfinished:
        (unfinished / "head.npz").write_bytes(b"weights")
        assert not target.exists()

    assert names(target) == ["head.npz"]
    assert names(target.parent) == ["tuned"]


def test_a_folder_that_fails_or_stands_there_already_leaves_nothing_new(tmp_path: Path) -> None:
    target = tmp_path / "tuned"
    with pytest.raises(TypeError), whole_folder(target) as unfinished:
        (unfinished / "head.npz").write_bytes([b"half"])  # type: ignore[arg-type]
    assert names(tmp_path) == []

    target.mkdir()
    (target / "head.npz").write_bytes(b"weights")
    with pytest.raises(OSError, match="tuned"), whole_folder(target) as unfinished:
        (unfinished / "head.npz").write_bytes(b"others")

    assert (target / "head.npz").read_bytes() == b"weights"
    assert names(tmp_path) == ["tuned"]
