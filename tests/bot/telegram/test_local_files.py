"""Files of a Bot API server on our own disk: read below the folder that is named, and nowhere else."""

import os
from pathlib import Path
from typing import cast

import pytest
from stage import TIMING, Stage, photo, shown

from bot.errors import Later
from bot.metrics import Metrics
from bot.telegram.client import DOWNLOAD_LIMIT_BYTES, FileTooBig, TelegramBot
from bot.telegram.downloads import Downloads
from sandbox import ALICE, DOWNLOAD


class Server:
    """Names this path for any file, and serves everything by HTTP."""

    def __init__(self, path: object) -> None:
        self.path = str(path)
        self.fetched: list[str] = []

    async def file_path(self, _: str) -> str:
        return self.path

    async def download(self, path: str) -> bytes:
        self.fetched.append(path)
        return b"by HTTP"


def downloads(server: Server, folder: Path | None) -> Downloads:
    return Downloads(cast("TelegramBot", server), TIMING, Metrics(), folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The server's; a secret is beside it."""
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "files" / "photos").mkdir(parents=True)
    (tmp_path / "files" / "photos" / "1.jpg").write_bytes(b"dog")
    return tmp_path / "files"


async def test_a_photo_is_read_from_the_disk_and_answered(stage: Stage) -> None:
    stage.chat.world.files.local = True
    stage.set(telegram_files=stage.folder / "chat")

    async with stage.bot():
        (answer,) = await stage.replies([await stage.chat.send_photo(ALICE, photo())])

    assert answer.has_button("✅")
    assert stage.chat.faults.calls[DOWNLOAD] == 0


async def test_without_the_setting_one_line_names_it_and_the_sender_hears(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.chat.world.files.local = True

    async with stage.bot():
        sent = [await stage.chat.send_photo(ALICE, photo(shade)) for shade in range(2)]
        words = await stage.replies(sent)
        await stage.settled()

    assert {word.text for word in words} == {shown("en", "failure-missing")}
    assert caplog.text.count("set BREEDBOT_TELEGRAM_FILES") == 1
    assert stage.chat.token not in caplog.text


async def test_what_is_below_the_folder_is_read(folder: Path) -> None:
    assert await downloads(Server(folder / "photos" / "1.jpg"), folder).get("id") == b"dog"


async def test_what_is_not_absolute_comes_by_http(folder: Path) -> None:
    assert await downloads(Server("photos/1.jpg"), folder).get("id") == b"by HTTP"


@pytest.mark.parametrize(
    "path", ["photos/../../secret", "../secret", "..", "{}/../secret", "{}/photos/../photos/1.jpg"]
)
@pytest.mark.parametrize("there", [True, False])
async def test_a_path_with_two_dots_is_refused_wherever_it_leads(folder: Path, path: str, there: bool) -> None:
    server = Server(path.format(folder))

    with pytest.raises(Later):
        await downloads(server, folder if there else None).get("id")
    assert server.fetched == []


async def test_nothing_outside_the_folder_is_read_not_even_by_a_link(folder: Path) -> None:
    (folder / "link").symlink_to(folder.parent / "secret")

    for path in (folder.parent / "secret", folder / "link", Path("/etc/passwd"), Path("/dev/zero")):
        with pytest.raises(Later):
            await downloads(Server(path), folder).get("id")


async def test_what_is_no_file_or_not_there_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")

    for name in ("pipe", "photos", "none.jpg"):
        with pytest.raises(Later):
            await downloads(Server(folder / name), folder).get("id")


async def test_more_than_telegrams_limit_is_not_read(folder: Path) -> None:
    with (folder / "large").open("wb") as file:
        file.truncate(DOWNLOAD_LIMIT_BYTES + 1)

    with pytest.raises(FileTooBig):
        await downloads(Server(folder / "large"), folder).get("id")
