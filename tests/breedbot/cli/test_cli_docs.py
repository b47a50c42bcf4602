"""The documentation says what there is: a setting or command that it lacks, or that is gone, fails here."""

import re
from pathlib import Path

import typer

import breedbot
from breedbot.ops.settings import Configuration

DOCS = Path(breedbot.__file__).parents[1] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def first_cells(text: str) -> str:
    return "\n".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))


def test_the_page_lists_every_setting_and_no_other() -> None:
    documented = set(re.findall(r"`([A-Z_]+)`", first_cells(page("settings.md"))))

    assert documented == {name.upper() for name in Configuration.model_fields}


def test_the_page_lists_every_command() -> None:
    command = typer.main.get_command(breedbot.app)
    assert isinstance(command, typer.core.TyperGroup)
    text = first_cells(page("commands.md"))

    missing = [name for name in command.commands if not re.search(rf"`{name}\b|`[^`]*\b{name}\b[^`]*`", text)]

    assert missing == []
