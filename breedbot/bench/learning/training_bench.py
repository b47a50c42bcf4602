"""How fast training is here: features through the cache against the engine alone, and a head's fit.

`breedbot bench training`; the engine and the cache are measured in turns, so that another load falls on both.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from rich.table import Table

from breedbot.bench.serving.conditions import conditions
from breedbot.bench.serving.sample_photos import sample_photo
from training.data.read.dataset import LabelledPhoto
from training.features.extractor import Extractor
from training.features.feature_cache import FeatureCache
from training.heads.head_fit import fit_head

PHOTOS = 192
ROUNDS = 3
ROWS, WIDTH, CLASSES = 10_000, 2048, 84  # about those of the default model before 132 breeds: compared over time

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class TrainingBench:
    """Measured in one run.

    Attributes:
        engine: name and precision.
        raw_images_per_s: prepared pixels straight into the engine.
        cache_images_per_s: photo files → hash → decode → engine → features on disk.
        cache_over_raw: median over rounds, each with its own engine measurement right beside it.
        head_fit_s: a head of ``head_classes`` labels fitted to ``head_rows`` generated features, from zeros.
        photos: different photos used, and ``photo_bytes`` their mean size.
        rounds: of engine and cache.
        conditions: machine and versions.
    """

    engine: str
    raw_images_per_s: float
    cache_images_per_s: float
    cache_over_raw: float
    head_fit_s: float
    head_rows: int
    head_classes: int
    photos: int
    photo_bytes: int
    rounds: int
    conditions: dict[str, str | int | float]

    def to_json(self) -> dict[str, object]:
        """The keys as they are, numbers rounded to what was measured."""
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()}


def run_training_bench(
    extractor: Extractor,
    engine: str,
    files: Sequence[bytes] = (),
    *,
    rows: int = ROWS,
    rounds: int = ROUNDS,
    progress: Progress | None = None,
) -> TrainingBench:
    """Measure everything; about a minute on two cores.

    Args:
        extractor: warmed up.
        engine: name and precision, for the result.
        files: different photos; none = generated ones.
        rows: photos of the head's fit.
        rounds: of engine and cache.
        progress: is told the share that is done, 0–1.
    """
    tell = progress or (lambda _: None)
    files = list(files) or [sample_photo(seed) for seed in range(PHOTOS)]
    raw: list[float] = []
    cached: list[float] = []
    with TemporaryDirectory(prefix="breedbot-bench-") as folder:
        photos = _written(files, Path(folder))
        for number in range(rounds):
            raw.append(_raw_images_per_s(extractor, files))
            cached.append(_cache_images_per_s(extractor, photos, Path(folder) / f"cache-{number}"))
            tell((number + 1) / (rounds + 1))
    head_fit_s = _head_fit_s(rows)
    tell(1)
    return TrainingBench(
        engine,
        median(raw),
        median(cached),
        median(through / alone for through, alone in zip(cached, raw, strict=True)),
        head_fit_s,
        rows,
        CLASSES,
        len(files),
        round(sum(map(len, files)) / len(files)),
        rounds,
        conditions(),
    )


def training_bench_table(measured: TrainingBench) -> Table:
    """The numbers for people."""
    title = f"{measured.engine}, {measured.photos} photos of {measured.photo_bytes / 1000:.0f} KB"
    table = Table("", "", box=None, title=title, title_justify="left")
    table.add_row("engine alone", f"{measured.raw_images_per_s:.1f} images/s")
    table.add_row("files → features kept", f"{measured.cache_images_per_s:.1f} images/s")
    table.add_row("… of the engine alone", f"{measured.cache_over_raw:.0%}")
    fit = f"head, {measured.head_rows:,} photos × {measured.head_classes} labels"
    table.add_row(fit, f"{measured.head_fit_s:.1f} s")
    return table


def _written(files: Sequence[bytes], folder: Path) -> list[LabelledPhoto]:
    paths = [folder / str(number) for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    return [LabelledPhoto(path, "beagle", path.name) for path in paths]


def _raw_images_per_s(extractor: Extractor, files: Sequence[bytes]) -> float:
    batch = np.stack([extractor.prepare(files[number % len(files)]) for number in range(extractor.batch_size)])
    calls = -(-len(files) // extractor.batch_size)
    start = time.perf_counter()
    for _ in range(calls):
        extractor(batch)
    return calls * extractor.batch_size / (time.perf_counter() - start)


def _cache_images_per_s(extractor: Extractor, photos: Sequence[LabelledPhoto], folder: Path) -> float:
    start = time.perf_counter()
    FeatureCache(folder).features(extractor, photos, title="measuring")
    return len(photos) / (time.perf_counter() - start)


def _head_fit_s(rows: int) -> float:
    """Features as correlated and as separable as ResNet50's: most labels are found, and not at once."""
    rng = np.random.default_rng(1)
    labels = rng.integers(CLASSES, size=rows)
    hidden = rng.normal(size=(CLASSES, 64))[labels] * 0.5 + rng.normal(size=(rows, 64))
    mixing = rng.normal(size=(64, WIDTH)) / np.sqrt(64)
    features = np.maximum(hidden @ mixing + rng.normal(scale=0.5, size=(rows, WIDTH)), 0).astype(np.float16)
    start = time.perf_counter()
    fit_head(features, labels, CLASSES, l2=0.01)
    return time.perf_counter() - start
