"""Talking to whoever typed a command: answers on stdout, everything else on stderr, errors in one line.

stdout holds what was asked for and nothing else, so that it can be piped; progress and warnings never reach it.
"""

import errno
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from breedbot.ops.rooms import ROOMS, broken_installation, missing_part

DEBUG = "BREEDBOT_DEBUG"
FAILED = 1
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})  # the disk, or somebody's share of it
OF_TRAINING = frozenset({"jinja2", "keras", "matplotlib", "mlflow", "sklearn", "tensorflow"})  # as pyproject.toml says
WIDE = 240  # columns of a table that goes into a file or a pipe
_TOKEN = re.compile(r"\d{6,20}:[\w-]{30,64}")  # of a bot


class CommandFailed(Exception):
    """A command cannot be carried out; the message is one line for the person who typed it."""


class Commands(TyperGroup):
    """The error edge of the command line: one line on stderr and an exit code; with BREEDBOT_DEBUG a traceback."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line and exit."""
        if not extra.get("standalone_mode", True) or os.environ.get(DEBUG):
            return super().main(*args, **extra)
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except Exception as error:  # noqa: BLE001 - the edge
            code = explain(error)
        sys.exit(code if isinstance(code, int) else 0)


def explain(error: Exception) -> int:
    """Say what is wrong on stderr. Returns: the exit code."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    message = _TOKEN.sub("***", _message(error))
    if message.startswith("Usage:"):  # the whole help, where no command was named
        print(message, file=sys.stderr)
    else:
        for line in message.splitlines():
            tell(line)
    return int(getattr(error, "exit_code", FAILED))


def tell(line: str) -> None:
    """One line on stderr."""
    print(f"breedbot: {line}", file=sys.stderr, flush=True)


def answer(line: str) -> None:
    """One line on stdout. A file name that is no text is shown with its odd bytes escaped."""
    print(line.encode("utf-8", "backslashreplace").decode(), flush=True)


def answer_json(value: Any) -> None:
    """One JSON document in one line on stdout."""
    print(json.dumps(value), flush=True)


def show(table: Any) -> None:
    """A rich table on stdout."""
    from rich.console import Console  # noqa: PLC0415 (not for `--json` and `--help`)

    width = None if sys.stdout.isatty() else WIDE
    Console(width=width, markup=False, highlight=False, emoji=False).print(table)


@contextmanager
def progress(what: str, total: float, *, shown: bool = True) -> Iterator[Callable[[float], None]]:
    """A bar on stderr if that is a terminal; the block tells it how far the work is, from 0 to `total`."""
    from rich.console import Console  # noqa: PLC0415 (as above)
    from rich.progress import Progress  # noqa: PLC0415

    hidden = not (shown and sys.stderr.isatty())
    # stdout stays what it is: a bar that redirected it would send the answers to stderr.
    with Progress(console=Console(stderr=True), transient=True, disable=hidden, redirect_stdout=False) as bar:
        task = bar.add_task(what, total=total)
        yield lambda completed: bar.update(task, completed=completed)


def _message(error: Exception) -> str:
    if hasattr(error, "format_message"):  # a mistake in the command line, found by Typer
        return _usage(error)
    if type(error).__module__.partition(".")[0] in ROOMS:
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        advice = "; free some space and run it again" if error.errno in FULL else ""
        return f"{error.filename}: {error.strerror}{advice}" if error.filename else f"{error.strerror}{advice}"
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in OF_TRAINING:
        return f"this needs {error.name}, which the training extra brings: pip install 'breedbot[training]'"
    if isinstance(error, ImportError) and (said := missing_part(error)) is not None:
        return said
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    unforeseen = f"this should not happen, {reason}. {DEBUG}=1 shows where; please report it".replace("\n", " ")
    return broken_installation() or unforeseen


def _usage(error: Any) -> str:
    message = str(error.format_message()).strip()
    context = getattr(error, "ctx", None)
    if context is None or message.startswith("Usage:"):
        return message
    return f"{message.rstrip('.')}; see `{context.command_path} --help`"
