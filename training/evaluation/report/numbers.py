"""The numbers of an evaluation in plain words, for the head of its report."""

from dataclasses import dataclass

from training.evaluation.metrics import Metrics, Share

_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class HeadlineNumber:
    """One number.

    Attributes:
        term: what it is called where such numbers are compared.
        value: for people.
        interval: 95 %, or "" where there is none.
        n: photos that it rests on.
        meaning: half a sentence that goes on where the value ends.
    """

    term: str
    value: str
    interval: str
    n: int
    meaning: str


def headline_numbers(metrics: Metrics) -> list[HeadlineNumber]:
    """Whatever the photos tell: nothing about dogs where there are none, and the same for other photos."""
    numbers = [*_of_dogs(metrics), *_of_others(metrics)] if metrics.top1.n else _of_others(metrics)
    return [*numbers, *_loss(metrics)]


def percent(share: float, digits: int = 1) -> str:
    """0.9101 → "91.0 %"."""
    return f"{100 * share:.{digits}f}{_SPACE}%"


def _of_dogs(metrics: Metrics) -> list[HeadlineNumber]:
    dogs = metrics.top1.n
    chance = "" if metrics.ece_by_chance is None else f"; chance alone would make it {metrics.ece_by_chance:.3f}"
    return [
        _share("Top-1 accuracy", metrics.top1, "of the dogs get their own breed as the first answer"),
        _share("Top-3 accuracy", metrics.top3, "have it among the first three"),
        _share("Accuracy where it was sure", metrics.answered_top1, "are right where a breed was named without doubt"),
        HeadlineNumber(
            "Macro F1", f"{metrics.f1:.3f}", _interval(metrics, "f1"), dogs,
            f"is the mean over {len(metrics.breeds)} breeds of how well each is found (recall {metrics.recall:.3f}) "
            f"and how far its name can be trusted (precision {metrics.precision:.3f})",
        ),
        HeadlineNumber(
            "Calibration error (ECE)", f"{metrics.ece:.3f}", _interval(metrics, "ece"), dogs,
            f"lies between the confidence claimed and the share that is right, on average{chance}",
        ),
        HeadlineNumber(
            "Area under risk–coverage (AURC)", f"{metrics.aurc:.4f}", _interval(metrics, "aurc", 4), dogs,
            "is the error rate if only the surest answers were given, averaged over how many are given",
        ),
        _share("Dogs answered “unsure”", metrics.unsure, "of the dogs are answered with doubt"),
        _share("Dogs rejected", metrics.dogs_rejected, "of the dogs are called no dog by mistake"),
    ]  # fmt: skip


def _of_others(metrics: Metrics) -> list[HeadlineNumber]:
    if not metrics.not_a_dog_rejected.n:
        return []
    return [_share("Other photos rejected", metrics.not_a_dog_rejected, "of the photos without a dog are called so")]


def _loss(metrics: Metrics) -> list[HeadlineNumber]:
    if metrics.loss is None:
        return []
    meaning = "is the mean negative log likelihood of the truth, in nats: 0 would be knowing everything"
    return [HeadlineNumber("Loss", f"{metrics.loss:.3f}", _interval(metrics, "loss"), metrics.loss_n, meaning)]


def _share(term: str, share: Share, meaning: str) -> HeadlineNumber:
    low, high = f"{100 * share.low:.1f}", percent(share.high)
    return HeadlineNumber(term, percent(share.value) if share.n else "–", f"{low}–{high}", share.n, meaning)


def _interval(metrics: Metrics, name: str, digits: int = 3) -> str:
    if name not in metrics.intervals:
        return ""
    low, high = metrics.intervals[name]
    return f"{low:.{digits}f}–{high:.{digits}f}"
