"""An archive becomes a folder, as a whole or not at all, and nothing of it lands anywhere else.

ArchiveError: the archive is damaged, or holds what no data set needs (links, devices, paths that lead out).
"""

import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath


class ArchiveError(Exception):
    """Nothing was unpacked."""


def unpack(archive: Path, folder: Path, progress: Callable[[int], None]) -> None:
    """Make ``folder`` out of a tar file that holds a folder of this name, or only what shall be in it.

    A killed run leaves a hidden folder beside it, which the next one removes.

    Args:
        archive: tar, packed or not.
        folder: does not exist yet.
        progress: told the bytes unpacked so far, after each file.

    Raises:
        ArchiveError: the archive is not to be used.
        OSError: the disk is full or cannot be written.
    """
    beside = folder.with_name(f".{folder.name}.unpacking")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        _extract(archive, beside, progress)
        inside = beside / folder.name
        os.sync()  # a folder that is there under its own name is taken for whole, after a power cut too
        (inside if inside.is_dir() else beside).rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _extract(archive: Path, target: Path, progress: Callable[[int], None]) -> None:
    done = 0
    try:
        with tarfile.open(archive) as content:
            # Python before 3.11.4 knows no filters; what they would refuse is refused below as well.
            content.extraction_filter = getattr(tarfile, "data_filter", None)
            for member in content:
                _refuse(archive, member)
                content.extract(member, target)
                done += member.size
                progress(done)
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveError(f"{archive}: damaged, {error}; delete it and run the command again") from error


def _refuse(archive: Path, member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()):
        raise ArchiveError(f"{archive}: {member.name!r} is no plain file inside the archive; do not use it")
