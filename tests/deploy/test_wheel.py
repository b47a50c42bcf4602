"""The wheel of what is committed, in an environment of its own: it answers a photo, and its page has no dead links."""

import json
import subprocess
import sys
import sysconfig
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
ROOMS = {"bot", "breedbot", "core", "db", "inference", "sandbox", "training"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a clean clone."""
    folder = tmp_path_factory.mktemp("wheel")
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(
        ["cp", "--parents", "--target-directory", str(folder), *files.decode().strip("\0").split("\0")],
        cwd=ROOT, check=True,
    )  # fmt: skip
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--quiet",
        "-w",
        "dist",
        ".",
        cwd=folder,
    )
    [built] = (folder / "dist").glob("breedbot-*.whl")
    return built


def run(*command: object, cwd: Path) -> str:
    """What it says on stdout; fails with what it says on stderr."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_holds_every_file_that_is_read_and_no_test(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
        [metadata] = [name for name in held if name.endswith(".dist-info/METADATA")]
        said = HeaderParser().parsestr(archive.read(metadata).decode())
    data = {"css", "html", "js", "json", "npz", "po", "svg", "txt", "csv", "mako", "typed", "md", "png", "py"}
    tracked = subprocess.run(["git", "ls-files", *sorted(ROOMS)], cwd=ROOT, capture_output=True, text=True, check=True)
    wanted = {
        name
        for name in tracked.stdout.splitlines()
        if name.rpartition(".")[2] in data and not name.endswith("README.md")
    }

    assert wanted - held == set()
    assert {name.partition("/")[0] for name in held} - ROOMS == {metadata.partition("/")[0]}
    assert {f"{room}/py.typed" for room in ROOMS} <= held
    assert "Typing :: Typed" in (said.get_all("Classifier") or ())
    assert "uv tool install breedbot" in str(said.get_payload())


def test_it_answers_a_photo_in_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", "env", cwd=tmp_path)
    own = tmp_path / "env"
    [packages] = own.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")  # the locked ones, not once more
    run(sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target", packages, wheel, cwd=tmp_path)
    noise = np.random.default_rng(7).integers(0, 255, (30, 40, 3), np.uint8)
    Image.fromarray(noise).resize((320, 240)).save(tmp_path / "dog.jpg")
    breedbot = (own / "bin" / "python", "-I", "-m", "breedbot")

    said = json.loads(run(*breedbot, "predict", "dog.jpg", "--json", cwd=tmp_path))
    version = run(*breedbot, "--version", cwd=tmp_path)

    assert {"kind", "top", "not_a_dog", "dogs", "model"} <= said.keys()
    assert version.strip() == f"breedbot {wheel.name.split('-')[1]}"
