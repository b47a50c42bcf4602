"""A simulation as files: its numbers and its pictures."""

import json
from pathlib import Path

from core.atomic_file import write_whole
from training.learning.simulation.plots import simulation_plots
from training.learning.simulation.simulate import Simulation

NUMBERS = "simulation.json"


def write_simulation(simulation: Simulation, folder: Path) -> list[Path]:
    """Write each whole. Returns: the files."""
    contents = {NUMBERS: (json.dumps(simulation.to_json(), indent=1) + "\n").encode()} | simulation_plots(simulation)
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]
