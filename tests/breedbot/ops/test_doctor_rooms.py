"""A package of the same name as one of ours is found out: before it, and inside it."""

import hashlib
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from breedbot.ops.doctor_model import Level
from breedbot.ops.doctor_rooms import rooms_finding
from breedbot.ops.rooms import REINSTALL, ROOMS, missing_part

LOOK = """
import breedbot  # as the command does: from where it was installed
import sys
sys.path.insert(0, {folder!r})
from breedbot.ops.doctor_rooms import rooms_finding
found = rooms_finding()
print(found.level.value, found.detail)
"""

AS_INSTALLED = """
import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder)]  # it finds parts by itself
from breedbot import main
main()
"""


ROOT = Path(__file__).parents[3]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Our packages where an installer put them, with its record of them."""
    listed = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.splitlines() if not name.startswith("inference/pretrained/")]
    record = []
    for name in names:
        (place := tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content := (ROOT / name).read_bytes())
        digest = urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        record.append(f"{name},sha256={digest},{len(content)}\n")
    (tmp_path / "inference" / "pretrained").symlink_to(ROOT / "inference" / "pretrained")
    (about := tmp_path / "breedbot-0.1.0.dist-info").mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: breedbot\nVersion: 0.1.0\n")
    (about / "RECORD").write_text("".join(record))
    return tmp_path


def ask(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", AS_INSTALLED, *words],
        env={**os.environ, "PYTHONPATH": str(installed)}, cwd=installed, capture_output=True, text=True, check=False,
    )  # fmt: skip


def seen_with(folder: Path) -> str:
    """What is found where this folder comes before ours on the path."""
    checkout = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(folder=str(folder))],
        env={**os.environ, "PYTHONPATH": str(checkout)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_our_rooms_are_ours() -> None:
    assert rooms_finding().level is Level.OK


def test_a_room_that_comes_from_elsewhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "__init__.py").touch()

    seen = seen_with(tmp_path)

    assert seen.startswith("fail")
    assert f"'sandbox' comes from {tmp_path / 'sandbox'}" in seen


def test_another_package_that_writes_into_a_room_is_named(tmp_path: Path) -> None:
    (record := tmp_path / "inference_cpu-1.0.dist-info").mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: inference-cpu\nVersion: 1.0\n")
    (record / "top_level.txt").write_text("inference\n")
    (record / "RECORD").write_text("inference/__init__.py,,\n")

    assert "'inference' is written by inference-cpu, too" in seen_with(tmp_path)


@pytest.mark.parametrize("room", ["bot", "core", "db", "inference"])
def test_the_doctor_names_a_room_that_keeps_it_from_its_work(tmp_path: Path, room: str) -> None:
    (tmp_path / room).mkdir()
    (tmp_path / room / "__init__.py").touch()

    done = subprocess.run(
        [sys.executable, "-c", AS_INSTALLED, "doctor"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[3]}"},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert f"'{room}' comes from {tmp_path / room}" in done.stderr
    assert "environment of its own" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_installation_that_is_not_whole_is_told_how_to_become_so() -> None:
    error = ModuleNotFoundError("No module named 'inference.model.head'", name="inference.model.head")

    assert "pip install --force-reinstall breedbot" in (missing_part(error) or "")
    assert missing_part(ModuleNotFoundError("No module named 'x'", name="x")) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "content"),
    [
        ("breedbot/cli/api.py", None),
        ("core/breeds/listing.py", '"""Of another version."""\n'),
        ("core/breeds/catalogue.py", 'catalogue = breed_name = name_of = None\nNOT_A_DOG = "not_a_dog"\n'),
    ],
)
def test_half_an_upgrade_is_named_in_a_line(installed: Path, module: str, content: str | None) -> None:
    assert ask(installed, "breeds", "--json").returncode == 0
    if content is None:
        (installed / module).unlink()
    else:
        (installed / module).write_text(content)

    done = ask(installed, "breeds", "--json")

    assert done.returncode == 1
    assert f"not whole, {module} is not what was installed" in done.stderr
    assert done.stderr.strip().endswith(REINSTALL)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_the_doctor_names_half_an_upgrade(installed: Path) -> None:
    with (installed / "db" / "url.py").open("a") as module:
        module.write("# of another version\n")

    assert "db/url.py" in ask(installed, "doctor").stdout
