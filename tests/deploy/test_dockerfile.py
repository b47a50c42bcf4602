"""The Dockerfile: small, not root, pinned; and its steps, carried out in a clean folder, make a bot that runs."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from dockerfile import Builder, Stage, context, parse
from ports import free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def stages() -> dict[str, Stage]:
    return parse((ROOT / "Dockerfile").read_text())


def lineage(stages: dict[str, Stage], name: str) -> list[Stage]:
    """A stage and those that it stands on."""
    found = [stages[name]]
    while found[-1].base in stages:
        found.append(stages[found[-1].base])
    return found


def test_there_are_a_cpu_and_a_gpu_target_and_the_cpu_is_the_default(stages: dict[str, Stage]) -> None:
    assert {"cpu", "gpu"} <= stages.keys()
    assert list(stages)[-1] == "cpu"
    assert stages["gpu"].of("COPY") == ["--from=build-gpu /opt/breedbot /opt/breedbot"]


@pytest.mark.parametrize("target", ["cpu", "gpu"])
def test_what_runs_has_no_tools_no_sources_and_is_not_root(stages: dict[str, Stage], target: str) -> None:
    line = lineage(stages, target)

    assert not {stage.name for stage in line} & {"build", "build-gpu"}
    assert not any("pip" in command for stage in line for command in stage.of("RUN"))
    assert [user for stage in line for user in stage.of("USER")] == ["10001:10001"]
    assert [volume for stage in line for volume in stage.of("VOLUME")] == ["/data"]
    assert any(stage.of("HEALTHCHECK") for stage in line)


def test_everything_is_installed_by_hash_and_the_base_is_one_that_can_be_pinned(stages: dict[str, Stage]) -> None:
    installs = [
        part
        for stage in stages.values()
        for command in stage.of("RUN")
        for part in command.split("&&")
        if "pip install" in part
    ]

    assert len(installs) == 4
    assert all("--require-hashes" in part or "--no-deps" in part for part in installs)
    assert {stage.base for stage in stages.values()} - stages.keys() == {"${BASE}"}
    assert "ARG BASE=python:3.12-slim-bookworm\n" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", ["gpu", "run"])
def test_both_images_have_the_same_versions_of_what_they_share(name: str) -> None:
    def pins(file: str) -> set[str]:
        text = (ROOT / "requirements" / f"{file}.txt").read_text()
        return set(re.findall(r"^([a-z0-9._-]+==[^\s;\\]+)", text, re.MULTILINE))

    assert pins("run") <= pins(name)
    assert ("tensorflow" in {pin.partition("==")[0] for pin in pins(name)}) == (name == "gpu")


def test_the_engine_is_sent_no_secrets_and_nothing_superfluous(tmp_path: Path) -> None:
    context(ROOT, tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {
        "requirements", "pyproject.toml", "PACKAGE.md", "LICENSE", "breedbot", "bot", "core", "db", "inference",
        "sandbox", "training",
    }  # fmt: skip
    assert not list(tmp_path.rglob("__pycache__"))
    assert (ROOT / ".dockerignore").read_text().count(".env") == 0, "nothing is let through that is not named"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_its_steps_in_a_clean_folder_make_a_bot_that_runs_is_healthy_and_stops(
    stages: dict[str, Stage], tmp_path: Path
) -> None:
    sent, root = tmp_path / "sent", tmp_path / "root"
    sent.mkdir()
    context(ROOT, sent)
    builder = Builder(stages, sent, root)
    builder.build("build")
    builder.build("cpu")
    port = str(free_port())
    settings = {"BREEDBOT_HTTP_PORT": port, "BREEDBOT_CHAT_PORT": "0", "BREEDBOT_HTTP_HOST": "127.0.0.1"}
    read_only(root / "opt", root / "src")
    built = everything_but_data(root)

    found = builder.run([program(builder), "doctor", "--json"], **settings)
    out, _ = found.communicate(timeout=300)
    assert {one["check"]: one["detail"] for one in json.loads(out) if one["level"] == "fail"} == {}
    bot = builder.run([program(builder), *builder.command], **settings)
    try:
        wait_until_ready(bot, f"http://127.0.0.1:{port}/readyz")
        python, *code = builder.healthcheck
        health = builder.run([str(root / "opt" / "breedbot" / "bin" / python), *code], **settings)
        health.communicate(timeout=60)
        assert health.returncode == 0
        bot.send_signal(signal.SIGTERM)
        _, err = bot.communicate(timeout=60)
    finally:
        bot.kill()

    assert bot.returncode == 0, err
    assert everything_but_data(root) == built, "it writes into /data only"


def program(builder: Builder) -> str:
    return str(builder.root / "opt" / "breedbot" / "bin" / builder.entrypoint[0])


def everything_but_data(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if not path.is_relative_to(root / "data")}


def read_only(*folders: Path) -> None:
    """As far as a folder can be: root may write all the same, so that the test looks for new files too."""
    for folder in folders:
        subprocess.run(["chmod", "-R", "a-w", str(folder)], check=True)


def wait_until_ready(bot: "subprocess.Popen[str]", url: str) -> None:
    """Its port opens and it loads a model; an engine would ask the same way."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert bot.poll() is None, bot.communicate()
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("never ready")
