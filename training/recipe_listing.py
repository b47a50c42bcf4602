"""A recipe as a table: its network, and every number that `--set` changes."""

from typing import TYPE_CHECKING

from rich.table import Table

from training.recipe import Description, settable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def description_table(description: Description, recipe: "DataclassInstance") -> Table:
    """What it makes, then how."""
    table = Table(box=None, show_header=False, title=description.recipe, title_justify="left", title_style="bold")
    table.add_column(justify="left", no_wrap=True)
    table.add_column(justify="left", overflow="fold")
    table.add_row("input", f"{description.input_size} × {description.input_size} × 3")
    table.add_row("classes", str(description.classes))
    for name in ("total", "trainable", "frozen"):
        table.add_row(f"{name} parameters", f"{getattr(description, f'{name}_params'):,}")
    for key, value in settable(recipe).items():
        table.add_row(key, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value))
    return table
