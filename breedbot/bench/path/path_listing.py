"""The path bench for people: `breedbot bench path`."""

from collections.abc import Iterator

from rich.table import Table

from breedbot.bench.path.path_bench import PathBench, UpdatePath


def path_tables(measured: PathBench, *, visits: bool) -> Iterator[Table]:
    """What each costs; `visits`: and which way each takes."""
    photo, press = measured.photo, measured.press
    table = Table("", "photo", "press", box=None)
    table.add_row("files of ours", str(len(photo.files)), str(len(press.files)))
    table.add_row("functions of ours", str(len(photo.entered)), str(len(press.entered)))
    table.add_row("transactions that write", str(photo.transactions), str(press.transactions))
    table.add_row("… and notes that many can share", str(photo.shared_notes), str(press.shared_notes))
    table.add_row("forced to the disk", str(photo.syncs), str(press.syncs))
    table.add_row("the bot's processor time, under load", f"{photo.bot_cpu_ms:.1f} ms", f"{press.bot_cpu_ms:.1f} ms")
    yield table
    if visits:
        for name, path in (("photo", photo), ("press", press)):
            yield _files(f"{name}: files in the order of the first visit", path)
            yield _transactions(f"{name}: transactions that write", path)


def _files(title: str, path: UpdatePath) -> Table:
    """With the first function that is entered there, and how many in all."""
    table = Table("", "", "functions", "first", box=None, title=title, title_justify="left")
    for number, file in enumerate(path.files, 1):
        functions = [name for name in path.entered if name.startswith(f"{file}:")]
        table.add_row(str(number), file, str(len(functions)), functions[0].partition(" ")[2])
    return table


def _transactions(title: str, path: UpdatePath) -> Table:
    table = Table("", "", box=None, title=title, title_justify="left", show_header=False)
    for number, written in enumerate(path.writes, 1):
        table.add_row(str(number), written)
    return table
