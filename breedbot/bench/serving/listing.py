"""The serving bench for people, and the photos it may use: `breedbot bench serving`."""

from pathlib import Path

from rich.table import Table

from breedbot.bench.serving.serving_bench import ServingBench
from inference.photo.decode import PhotoError, decode
from inference.photo.file_batches import read_photo

PHOTOS_LIMIT = 128


class NoPhotos(Exception):
    """There is nothing to measure with."""


def bench_photos(folder: Path) -> list[bytes]:
    """At most `PHOTOS_LIMIT` photos from anywhere below a folder, evenly spread; what cannot be decoded is left out.

    Raises:
        NoPhotos: there is none.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    step = max(1, len(files) // PHOTOS_LIMIT)
    photos = [data for path in files[::step][:PHOTOS_LIMIT] if (data := _photo(path)) is not None]
    if not photos:
        raise NoPhotos(f"{folder}: no photos that can be decoded")
    return photos


def bench_table(measured: ServingBench) -> Table:
    """The numbers, with how many measurements each rests on."""
    n = measured.n
    table = Table("", "", "n", box=None, title=f"{measured.engine}, {measured.photos} photos", title_justify="left")
    table.add_row("engine alone", f"{measured.raw_images_per_s:.1f} images/s", str(n["raw"]))
    table.add_row("bytes → answer, first look", f"{measured.pipeline_images_per_s:.1f} images/s", str(n["pipeline"]))
    table.add_row("… of the engine alone", f"{measured.pipeline_over_raw:.0%}", "")
    if measured.keras_predict_images_per_s is None or measured.pipeline_over_keras is None:
        table.add_row("Keras predict", f"– ({measured.keras_missing})", "")
    else:
        table.add_row("Keras predict", f"{measured.keras_predict_images_per_s:.1f} images/s", str(n["keras_predict"]))
        table.add_row("… first look is", f"{measured.pipeline_over_keras:.1f} × as fast", "")
    alone = f"{measured.p50_ms:.1f} ms (p95 {measured.p95_ms:.1f}, p99 {measured.p99_ms:.1f})"
    table.add_row("one photo alone", alone, str(n["alone"]))
    table.add_row("… of that not the engine", f"{measured.extra_ms:.1f} ms", "")
    twice = f"{measured.answered_p50_ms:.1f} ms (p95 {measured.answered_p95_ms:.1f})"
    table.add_row("… with the second look", twice, str(n["answered"]))
    return table


def _photo(path: Path) -> bytes | None:
    try:
        data = read_photo(path)
        decode(data, min_side_px=1)
    except PhotoError:
        return None
    return data
