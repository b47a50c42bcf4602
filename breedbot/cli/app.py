"""The command line as a whole: its groups, and options that several commands have."""

import warnings
from importlib.metadata import version
from typing import Annotated

import typer

from breedbot.ops.quiet_tensorflow import quiet_tensorflow
from breedbot.ops.terminal import Commands, answer

app = typer.Typer(
    name="breedbot",
    cls=Commands,
    help="Names a dog's breed from a photo, on Telegram and here. Settings: BREEDBOT_… in the environment or in .env.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
breeds_app = typer.Typer(help="The breeds that have a name here.")
models_app = typer.Typer(help="The models: which there are, and which one answers.", no_args_is_help=True)
data_app = typer.Typer(help="Photos to learn from: get them, check them.", no_args_is_help=True)
feedback_app = typer.Typer(help="What people said about answers: review it, take it along.", no_args_is_help=True)
queue_app = typer.Typer(help="The line of photos between processes, and what was given up.", no_args_is_help=True)
retention_app = typer.Typer(help="Erasing by age.", no_args_is_help=True)
api_app = typer.Typer(help="Who may use the HTTP API.", no_args_is_help=True)
db_app = typer.Typer(help="The database's tables.", no_args_is_help=True)
bench_app = typer.Typer(help="Measure speed.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, for programs.")]
WithUsers = Annotated[bool, typer.Option("--with-users", help="Tell who, by Telegram ids.")]
Events = Annotated[list[int], typer.Argument(metavar="EVENT_ID…", show_default=False)]
DeadJobs = Annotated[list[str] | None, typer.Argument(metavar="ID…", help="As `queue dead` names them.")]
Every = Annotated[bool, typer.Option("--all", help="All that there are.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens.")]
Model = Annotated[str | None, typer.Option("--model", metavar="ID", help="This model instead of the champion.")]


def _version(wanted: bool) -> None:
    if wanted:
        answer(f"breedbot {version('breedbot')}")
        raise typer.Exit


@app.callback()
def breedbot(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")] = False,
) -> None:
    """What is said before any command."""
    warnings.filterwarnings("ignore", module=r"PIL\.")  # remarks about strangers' photos, on several lines
    quiet_tensorflow()


app.add_typer(breeds_app, name="breeds")
app.add_typer(models_app, name="models")
app.add_typer(data_app, name="data")
app.add_typer(feedback_app, name="feedback")
app.add_typer(queue_app, name="queue")
app.add_typer(retention_app, name="retention")
app.add_typer(api_app, name="api")
app.add_typer(db_app, name="db")
app.add_typer(bench_app, name="bench")
