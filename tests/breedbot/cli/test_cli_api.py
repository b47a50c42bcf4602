"""`breedbot api`, and the lines of docs/api.md against a bot that runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from cli_types import PATIENCE_S, Cli, Start
from openapi_check import keeps_its_promise
from ports import free_port
from test_cli_run import line_with

DOC = Path(__file__).parents[3] / "docs" / "api.md"


def test_a_token_is_shown_once_listed_by_name_and_revoked(cli: Cli) -> None:
    made, second, named = cli("api", "token"), cli("api", "token", "--json"), cli("api", "token", "--name", "my app")
    token = made.stdout.strip()
    listed = json.loads(cli("api", "list", "--json").stdout)
    revoked, again = cli("api", "revoke", "1"), cli("api", "revoke", "1")

    assert re.fullmatch(r"breedbot_[\w-]{43}", token)
    assert json.loads(second.stdout)["name"] == "2"
    assert named.exit_code == 0
    assert "set BREEDBOT_API=on" in named.stderr
    assert [one["name"] for one in listed] == ["1", "2", "my app"]
    assert token not in json.dumps(listed)
    assert (revoked.exit_code, again.exit_code) == (0, 1)


@pytest.mark.parametrize("name", ["a/b", "x" * 65, "\n", "é" * 65])
def test_a_name_that_cannot_be_shown_is_refused(cli: Cli, name: str) -> None:
    refused = cli("api", "token", "--name", name)

    assert refused.exit_code == 1
    assert not refused.stdout


def test_a_name_is_given_once(cli: Cli) -> None:
    first, second = cli("api", "token", "--name", "app"), cli("api", "token", "--name", "app")

    assert (first.exit_code, second.exit_code) == (0, 1)


@pytest.mark.slow
@pytest.mark.skipif(which("curl") is None, reason="there is no curl")
def test_the_lines_of_the_page_work(start: Start, home: Path, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("BREEDBOT_HTTP_PORT", str(port))
    monkeypatch.setenv("BREEDBOT_API", "on")
    photo.rename(home / "dog.jpg")
    command = home / "breedbot"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m breedbot "$@"\n')
    command.chmod(0o755)
    line_with(start("run"), "ready")
    [script] = re.findall(r"```sh\n(.*?)```", DOC.read_text("utf-8"), re.DOTALL)
    lines = script.replace(":8081/", f":{port}/").replace("curl ", "curl -sS ").splitlines()

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(f"{line}; echo" for line in lines)],
        env={**os.environ, "PATH": f"{home}:{os.environ['PATH']}"},
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
    )
    form, body, breeds, document = _documents(done.stdout.decode())

    assert form == body
    keeps_its_promise("post", "/predictions", 200, form)
    keeps_its_promise("get", "/breeds", 200, breeds)
    assert sum(one["answered"] for one in breeds) > 100
    assert document["openapi"].startswith("3.1")
    assert not list((home / "data").rglob("photos/*/*/*"))


def _documents(text: str) -> list[Any]:
    """JSON after JSON, with white space between them."""
    decoder, found = json.JSONDecoder(), []
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found
