"""Whatever goes wrong is one line on stderr and an exit code."""

import subprocess
import sys

import pytest
from cli_types import Cli

from breedbot.ops.terminal import explain
from db.errors import DatabaseBusy

TOKEN = "123456789:AAEabcdefghijklmnopqrstuvwxyz0123456"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["predikt"], "predikt"),
        (["predict"], "PHOTO"),
        (["predict", "--nope", "x.jpg"], "--nope"),
        (["models", "promote"], "MODEL"),
        (["bench", "serving", "--seconds", "never"], "--seconds"),
    ],
)
def test_a_mistake_in_the_command_line_is_named_in_one_line(cli: Cli, words: list[str], named: str) -> None:
    result = cli(*words)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert named in result.stderr
    assert "--help`" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_without_a_command_the_help_is_shown_as_it_is(cli: Cli) -> None:
    result = cli()

    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")
    assert "evaluate" in result.stderr


def test_all_wrong_settings_are_named_at_once_and_secrets_are_masked(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "HTTP_PORT": "99999",
        "ENGINE": "abacus",
        "TELEGRAM_TOKEN": "secret",
        "DATABASE_URL": "mysql://me:secret@host/name",
        "MODEL_STORE": "ftp://bucket",
        "QUEUE_URL": "pigeons://me:secret@host:4222",
        "LANGUAGE": "tlh",
    }
    for key, value in wrong.items():
        monkeypatch.setenv(f"BREEDBOT_{key}", value)

    result = cli("breeds", "--json")

    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == len(wrong)
    for key in wrong:
        assert sum(f"BREEDBOT_{key}=" in line for line in lines) == 1, key
    assert "99999" in result.stderr
    assert "abacus" in result.stderr
    assert "secret" not in result.stderr


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (DatabaseBusy("the database is busy"), "breedbot: the database is busy"),
        (PermissionError(13, "Permission denied", "/x/y"), "breedbot: /x/y: Permission denied"),
        (
            OSError(28, "No space left on device", "/x/weights.npz"),
            "breedbot: /x/weights.npz: No space left on device; free some space and run it again",
        ),
        (ExceptionGroup("tasks", [DatabaseBusy("the one reason")]), "breedbot: the one reason"),
    ],
)
def test_an_error_of_ours_or_of_the_system_is_said_as_it_is(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = explain(error)

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [line]


def test_an_error_that_nobody_thought_of_is_one_line_without_the_token(capsys: pytest.CaptureFixture[str]) -> None:
    code = explain(KeyError(f"https://api.telegram.org/bot{TOKEN}/getMe\nand more"))

    assert code == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "KeyError" in said
    assert "BREEDBOT_DEBUG" in said
    assert TOKEN.partition(":")[2] not in said


def test_debug_shows_where(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREEDBOT_DEBUG", "1")

    result = cli("models", "show", "no-such-model")

    assert result.exit_code == 1
    assert type(result.exception).__name__ == "ArtefactError"


@pytest.mark.parametrize("command", ["bot", "worker"])
@pytest.mark.parametrize(("queue", "code"), [("local:", 1), ("nats://127.0.0.1:port", 2), ("carrier-pigeon:", 2)])
def test_processes_that_need_a_shared_queue_say_so(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str, queue: str, code: int
) -> None:
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", queue)

    result = cli(command)

    assert result.exit_code == code
    assert f"BREEDBOT_QUEUE_URL={queue}: " in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_help_needs_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys, breedbot\n"
        "try: breedbot.app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'openvino', 'telegram', 'keras', 'matplotlib', 'sqlalchemy', 'numpy', 'PIL', 'aiohttp'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (result.returncode, result.stderr) == (0, "")
    assert "evaluate" in result.stdout


def test_no_library_reports_its_use() -> None:
    code = (
        "import sys\n"
        "import inference.engine.openvino_graph\n"
        "import openvino.tools.ovc as tools\n"
        "print(type(tools.telemetry).__module__, file=sys.stderr)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stderr.strip() == "openvino.tools.ovc.telemetry_stub"


def test_what_the_training_extra_brings_is_named_with_its_install_line(capsys: pytest.CaptureFixture[str]) -> None:
    explain(ModuleNotFoundError("No module named 'keras'", name="keras"))

    assert "pip install 'breedbot[training]'" in capsys.readouterr().err


def test_the_version_is_said(cli: Cli) -> None:
    assert cli("--version").stdout.startswith("breedbot 0.")
