"""The models of a store for people and programs: `breedbot models list` and `show`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from inference.model.artefact import TYPICAL_FROM, HeadArtefact
from inference.store.folder_store import ModelStore
from inference.store.pointer import Pointer


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """One line of the list.

    Attributes:
        model: its id.
        champion: whether it answers.
        previous: whether `models rollback` leads to it.
        created_at: ISO 8601.
        backbone: id of its backbone.
        breeds: how many it can name.
        metrics: as its manifest states them, of the photos that ``measured_on`` names.
        measured_on: which photos those are; models with the same can be compared by their numbers, others cannot.
        size_bytes: of the head's folder.
        folder: where it lies.
    """

    model: str
    champion: bool
    previous: bool
    created_at: str
    backbone: str
    breeds: int
    metrics: Mapping[str, Any]
    measured_on: str
    size_bytes: int
    folder: str

    def to_json(self) -> dict[str, Any]:
        """One object of `models list --json`."""
        return asdict(self)


def summaries(store: ModelStore) -> list[ModelSummary]:
    """Every model, oldest first; raises ArtefactError."""
    pointer = store.pointer()
    return [summary(head, pointer) for head in store.heads()]


def summary(head: HeadArtefact, pointer: Pointer) -> ModelSummary:
    """What the list says of one model."""
    manifest = head.manifest
    return ModelSummary(
        model=head.id,
        champion=head.id == pointer.model,
        previous=head.id == pointer.previous,
        created_at=str(manifest.get("created_at", "")),
        backbone=head.backbone_id,
        breeds=len(manifest["labels"]) - 1,  # without not_a_dog
        metrics=manifest.get("metrics", {}),
        measured_on=_measured_on(head),
        size_bytes=_size(head.folder),
        folder=str(head.folder),
    )


def model_table(models: list[ModelSummary]) -> Table:
    """The list, for people."""
    table = Table(
        "", "model", "created", "backbone", "breeds", "top-1 (95 % interval, n)", "ECE", "photos", "size", box=None
    )
    photos = list(dict.fromkeys(model.measured_on for model in models if model.measured_on))
    for model in models:
        mark = "★" if model.champion else "↩" if model.previous else ""
        ece = model.metrics.get("ece")
        table.add_row(
            mark,
            model.model,
            model.created_at[:10],
            model.backbone,
            str(model.breeds),
            share_text(model.metrics.get("top1")),
            "–" if ece is None else f"{ece:.3f}",
            _letter(photos.index(model.measured_on)) if model.measured_on else "–",
            f"{model.size_bytes / 2**20:.1f} MB",
        )
    named = [f"{_letter(number)}: {one}" for number, one in enumerate(photos)]
    if len(photos) > 1:
        named.append("Numbers of different photos say nothing beside each other: `breedbot models compare A B`.")
    table.caption = "\n".join(["★ answers now   ↩ answers after `breedbot models rollback`", *named])
    table.caption_justify = "left"
    return table


def model_page(model: ModelSummary, manifest: Mapping[str, Any]) -> Table:
    """One model's manifest, for people."""
    table = Table(show_header=False, box=None)
    table.add_row("model", model.model + (" ★ answers now" if model.champion else ""))
    for key in ("created_at", "backbone", "recipe", "dataset", "dataset_photos", "git_commit"):
        if manifest.get(key) is not None:
            table.add_row(key.replace("_", " "), str(manifest[key]))
    table.add_row("breeds", str(model.breeds))
    for key, value in ({TYPICAL_FROM: manifest.get(TYPICAL_FROM)} | manifest["calibration"]).items():
        if value is not None:
            table.add_row(key.replace("_", " "), f"{value:.3f}")
    intervals = model.metrics.get("intervals") or {}
    for key, value in model.metrics.items():
        if key != "intervals":
            text = share_text(value) if isinstance(value, Mapping) else _plain(value)
            low_high = "({:.3f}–{:.3f})".format(*intervals[key]) if key in intervals else ""
            table.add_row(key.replace("_", " "), f"{text} {low_high}".rstrip())
    table.add_row(
        "libraries", ", ".join(f"{name} {version}" for name, version in manifest.get("libraries", {}).items())
    )
    table.add_row("folder", model.folder)
    table.add_row("card", str(Path(model.folder) / "card.md"))
    return table


def _measured_on(head: HeadArtefact) -> str:
    """How many, which part, and by what the whole is known: the data set of a trained model, the backbone of others."""
    manifest = head.manifest
    metrics = manifest.get("metrics") or {}
    if not metrics.get("split"):
        return ""
    dataset = str(manifest.get("dataset") or "")
    whole = f"data set {dataset[:8]}" if dataset else head.backbone_id
    return f"{metrics.get('n', '?')} photos of {whole}: {metrics['split']}"


def _letter(number: int) -> str:
    """a, b, … z, a2, …"""
    return f"{chr(ord('a') + number % 26)}{number // 26 + 1 if number >= 26 else ''}"


def share_text(share: Mapping[str, Any] | None) -> str:
    """`0.921 (0.903–0.936, n 1035)` from a share with its interval."""
    if not share or not share.get("n"):
        return "–"
    return f"{share['value']:.3f} ({share['low']:.3f}–{share['high']:.3f}, n {share['n']})"


def _plain(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
