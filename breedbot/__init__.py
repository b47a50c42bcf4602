"""The front door: every command, wired from the rooms. Only what is in here may import all of them.

Commands import what they need when they run, so that `--help` is quick and `breeds` needs no neural network.
"""

try:
    from breedbot.cli.app import app

    # isort: off
    from breedbot.serve import run, bot, worker  # noqa: F401
    from breedbot.cli import photos, train, retrain, ops, breeds, models, data, feedback, simulate, queue, api, bench  # noqa: F401
    # isort: on - above, the order is that of `breedbot --help`
except ImportError as error:  # half an upgrade; the edge of the command line is not up yet
    from breedbot.ops.terminal import explain

    raise SystemExit(explain(error)) from None

__all__ = ["app", "main"]


def main() -> None:
    """Run `breedbot …`."""
    app()
