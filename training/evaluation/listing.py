"""An evaluation for programs and for people: `breedbot evaluate`, with and without `--json`."""

from typing import Any

from rich.table import Table

from training.evaluation.confusion_limits import OFTEN
from training.evaluation.confusions import ConfusedPair, confused_pairs
from training.evaluation.evaluate import Evaluation
from training.evaluation.metrics import TOLD_AS_CERTAIN, Metrics, Share
from training.evaluation.unknown_breeds import UnknownBreeds

SHARES = ("top1", "top3", "not_a_dog_rejected", "dogs_rejected", "unsure", "answered_top1")
MEANS = ("precision", "recall", "f1", "ece", "aurc")
WORST = 5
_MEAN_ROWS = {
    "macro precision": "precision",
    "macro recall": "recall",
    "macro F1": "f1",
    "ECE": "ece",
    "AURC (risk–coverage)": "aurc",
    "loss, nats": "loss",
}


def evaluation_json(evaluation: Evaluation, model: str) -> dict[str, Any]:
    """Flat: each number with `…_interval` (95 %, Wilson or bootstrap), shares with `…_n`; null where no photo tells."""
    metrics = evaluation.metrics
    result: dict[str, Any] = {"model": model, "n": metrics.n, "dogs": metrics.top1.n}
    for key in SHARES:
        share: Share = getattr(metrics, key)
        result[key] = share.value if share.n else None
        result[f"{key}_interval"] = [share.low, share.high]
        result[f"{key}_n"] = share.n
    for key in (*MEANS, "loss"):
        result[key] = getattr(metrics, key) if metrics.top1.n or key == "loss" else None
        result[f"{key}_interval"] = list(metrics.intervals[key]) if key in metrics.intervals else None
    result["ece_by_chance"] = metrics.ece_by_chance
    result["loss_n"] = metrics.loss_n
    result["confused"] = [_pair_json(pair) for pair in confused_pairs(evaluation.answers) if pair.errors >= OFTEN]
    result["breeds"] = metrics.to_dict()["breeds"]
    result["unreadable"] = [{"path": path, "error": error} for path, error in evaluation.unreadable.items()]
    return result


def evaluation_table(evaluation: Evaluation, model: str, unknown: UnknownBreeds) -> Table:
    """The numbers that matter, the breeds that do worst and the pairs most often confused."""
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
    if unknown.names:
        rows |= {
            "known breeds: top-1": unknown.known.top1,
            "known breeds: top-3": unknown.known.top3,
            f"unknown breeds: named with {TOLD_AS_CERTAIN:.0%} or more": unknown.sure,
        }
    for name, share in rows.items():
        if share.n:
            table.add_row(name, f"{share.value:.3f}", f"{share.low:.3f}–{share.high:.3f}", str(share.n))
    if unknown.names and unknown.known.top1.n:
        known = unknown.known
        table.add_row("known breeds: ECE", f"{known.ece:.3f}", _interval_text(known, "ece"), str(known.top1.n))
    for name, key in _MEAN_ROWS.items():
        n = metrics.loss_n if key == "loss" else metrics.top1.n
        if n:
            table.add_row(name, f"{getattr(metrics, key):.3f}", _interval_text(metrics, key), str(n))
    if metrics.top1.n:
        _add_weaknesses(table, evaluation)
    return table


def _interval_text(metrics: Metrics, key: str) -> str:
    low, high = metrics.intervals.get(key, (None, None))
    return "" if low is None else f"{low:.3f}–{high:.3f}"


def _add_weaknesses(table: Table, evaluation: Evaluation) -> None:
    table.add_section()
    for breed, recall, n in _worst(evaluation.metrics):
        table.add_row(f"recall of {breed}", f"{recall:.3f}", "", str(n))
    table.add_section()
    for pair in [pair for pair in confused_pairs(evaluation.answers) if pair.errors >= OFTEN][:WORST]:
        table.add_row(f"confused: {' and '.join(pair.breeds)}", f"{pair.errors}×", "", str(sum(pair.photos)))


def _pair_json(pair: ConfusedPair) -> dict[str, Any]:
    return {"breeds": list(pair.breeds), "errors": pair.errors, "mistaken": list(pair.mistaken), "n": list(pair.photos)}


def _worst(metrics: Metrics) -> list[tuple[str, float, int]]:
    missed = [(breed, one.recall, one.n) for breed, one in metrics.breeds.items() if one.recall < 1]
    return sorted(missed, key=lambda row: (row[1], -row[2]))[:WORST]
