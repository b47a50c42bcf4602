"""The front door: every command, wired from the rooms. Only what is in here may import all of them.

Commands import what they need when they run, so that `--help` is quick and `breeds` needs no neural network.
"""

from breedbot.cli.app import app

# isort: off
from breedbot.serve import run, bot, worker  # noqa: F401
from breedbot.cli import photos, train, retrain, ops, breeds, models, data, feedback, simulate, queue, api, bench  # noqa: F401
# isort: on - above, the order is that of `breedbot --help`

__all__ = ["app", "main"]


def main() -> None:
    """Run `breedbot …`."""
    app()
