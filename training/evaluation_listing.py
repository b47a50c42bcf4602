"""An evaluation for programs and for people: `breedbot evaluate`, with and without `--json`."""

from typing import Any

from rich.table import Table

from inference.breeds import NOT_A_DOG
from training.evaluate import Evaluation
from training.metrics import Metrics, Share

SHARES = ("top1", "top3", "not_a_dog_rejected", "dogs_rejected", "unsure", "answered_top1")
MEANS = ("precision", "recall", "f1")
WORST = 5


def evaluation_json(evaluation: Evaluation, model: str) -> dict[str, Any]:
    """Flat: each share with `…_interval` (95 %, Wilson) and `…_n`; null where no photo tells."""
    metrics = evaluation.metrics
    result: dict[str, Any] = {"model": model, "n": metrics.n, "dogs": metrics.top1.n}
    for key in SHARES:
        share: Share = getattr(metrics, key)
        result[key] = share.value if share.n else None
        result[f"{key}_interval"] = [share.low, share.high]
        result[f"{key}_n"] = share.n
    for key in (*MEANS, "ece"):
        result[key] = getattr(metrics, key) if metrics.top1.n else None
    result["breeds"] = metrics.to_dict()["breeds"]
    result["unreadable"] = [{"path": path, "error": error} for path, error in evaluation.unreadable.items()]
    return result


def evaluation_table(evaluation: Evaluation, model: str) -> Table:
    """The numbers that matter, and the breeds that do worst."""
    metrics = evaluation.metrics
    table = Table(
        "", "value", "95 % interval", "n", box=None, title=f"{model} on {metrics.n} photos", title_justify="left"
    )
    rows = {
        "top-1": metrics.top1,
        "top-3": metrics.top3,
        "not a dog: rejected": metrics.not_a_dog_rejected,
        "dogs rejected by mistake": metrics.dogs_rejected,
        "dogs answered “not sure”": metrics.unsure,
        "top-1 where it was sure": metrics.answered_top1,
    }
    for name, share in rows.items():
        if share.n:
            table.add_row(name, f"{share.value:.3f}", f"{share.low:.3f}–{share.high:.3f}", str(share.n))
    if metrics.top1.n:
        for name, value in (
            ("macro precision", metrics.precision),
            ("macro recall", metrics.recall),
            ("macro F1", metrics.f1),
            ("ECE", metrics.ece),
        ):
            table.add_row(name, f"{value:.3f}", "", str(metrics.top1.n))
        table.add_section()
        for breed, recall, n in _worst(metrics):
            table.add_row(f"recall of {breed}", f"{recall:.3f}", "", str(n))
    return table


def unanswerable(evaluation: Evaluation, labels: tuple[str, ...]) -> list[str]:
    """Breeds among the photos that the model has no name for: each of their photos counts as wrong."""
    return sorted({photo.breed for photo in evaluation.photos} - set(labels) - {NOT_A_DOG})


def _worst(metrics: Metrics) -> list[tuple[str, float, int]]:
    missed = [(breed, one.recall, one.n) for breed, one in metrics.breeds.items() if one.recall < 1]
    return sorted(missed, key=lambda row: (row[1], -row[2]))[:WORST]
