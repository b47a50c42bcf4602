"""A folder is unpacked as a whole or not at all, and never anywhere else."""

import io
import tarfile
from pathlib import Path

import pytest

from training.data.fetch.unpack import ArchiveError, unpack

PHOTO = "Images/n02085620-Chihuahua/a.jpg"


def packed(path: Path, *members: tarfile.TarInfo | tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return path


def link(name: str, to: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


@pytest.mark.parametrize("below", ["Images/", ""])
def test_an_archive_of_the_folder_and_one_of_its_content_give_the_same(tmp_path: Path, below: str) -> None:
    archive = packed(tmp_path / "images.tar", (f"{below}n02085620-Chihuahua/a.jpg", b"woof"))
    told: list[int] = []

    unpack(archive, tmp_path / "Images", told.append)

    assert (tmp_path / PHOTO).read_bytes() == b"woof"
    assert told[-1] == 4
    assert {path.name for path in tmp_path.iterdir()} == {"images.tar", "Images"}


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    archive = packed(tmp_path / "images.tar", (PHOTO, b"woof"))
    (tmp_path / ".Images.unpacking" / "Images").mkdir(parents=True)
    (tmp_path / ".Images.unpacking" / "Images" / "half.jpg").write_bytes(b"wo")

    unpack(archive, tmp_path / "Images", lambda _: None)

    assert [path.name for path in (tmp_path / "Images").rglob("*.jpg")] == ["a.jpg"]


@pytest.mark.parametrize(
    "member",
    [
        ("../outside.jpg", b"x"),
        ("/tmp/outside.jpg", b"x"),
        ("Images/../../outside.jpg", b"x"),
        link("Images/link", "/etc/passwd"),
        link("Images/link", "a.jpg", tarfile.LNKTYPE),
        link("Images/pipe", "", tarfile.FIFOTYPE),
    ],
)
def test_what_no_data_set_needs_is_refused(tmp_path: Path, member: tarfile.TarInfo | tuple[str, bytes]) -> None:
    (tmp_path / "deep").mkdir()
    archive = packed(tmp_path / "deep" / "images.tar", (PHOTO, b"woof"), member)

    with pytest.raises(ArchiveError, match="is no plain file inside the archive"):
        unpack(archive, tmp_path / "deep" / "Images", lambda _: None)

    assert [path.name for path in tmp_path.rglob("*")] == ["deep", "images.tar"]


@pytest.mark.parametrize("content", [b"", b"junk" * 1000])
def test_a_damaged_archive_is_named_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "images.tar"
    archive.write_bytes(content)

    with pytest.raises(ArchiveError, match=r"images\.tar: damaged"):
        unpack(archive, tmp_path / "Images", lambda _: None)

    assert [path.name for path in tmp_path.iterdir()] == ["images.tar"]
