"""A command line in a folder of its own, with nothing of the host's settings."""

import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from checkout import SHARED
from cli_types import Cli, Start
from PIL import Image
from typer.testing import CliRunner, Result

import breedbot


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands run in; data goes to `data` below it."""
    for key in [key for key in os.environ if key.startswith("BREEDBOT_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("BREEDBOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("BREEDBOT_HTTP_PORT", "0")
    monkeypatch.setenv("BREEDBOT_CHAT_PORT", "0")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(home: Path) -> Cli:
    """Run a command in this process."""
    runner = CliRunner()

    def run(*words: object) -> Result:
        return runner.invoke(breedbot.app, [str(word) for word in words])

    return run


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Start a command in a process of its own; ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def popen(*words: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "breedbot", *(str(word) for word in words)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield popen
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def photo(home: Path) -> Path:
    """A photo of nothing in particular."""
    noise = np.random.default_rng(7).integers(0, 255, (30, 40, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(noise).resize((320, 240)).save(file, "JPEG")
    path = home / "a photo [1].jpg"
    path.write_bytes(file.getvalue())
    return path


@pytest.fixture
def originals() -> Path:
    """Photos as people send them; skips where they are not."""
    folder = SHARED / "originals"
    if not folder.is_dir():
        pytest.skip("the real photos are not here (../shared/originals)")
    return folder
