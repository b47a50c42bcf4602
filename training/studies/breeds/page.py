"""The study of breeds as a page of Markdown: numbers and plots with the words that hold for any outcome."""

import textwrap
from collections.abc import Iterable, Sequence

from training.evaluation.report.breed_names import display_name
from training.studies.breeds.findings import Findings
from training.studies.breeds.recipe import BreedsStudy
from training.studies.breeds.subsets import Kind
from training.studies.breeds.trial_bootstrap import Estimate

PAIRS = 15
FIRST_PAIRS = (10, 30, 100, 300)
_WIDTH = 120
_NAMES: dict[Kind, str] = {
    "random": "at random",
    "easy": "unlike each other",
    "hard": "look-alikes",
    "five": "the reference study's",
    "all": "all",
}


def breeds_page(
    study: BreedsStudy, findings: Findings, backbone: str, pictures: str = "", *, shipped: bool = False
) -> str:
    """Write the page.

    Args:
        study: what was asked.
        findings: what came out.
        backbone: id.
        pictures: folder of the plots, as the page links them.
        shipped: of the features that ship with a model, not of photos.
    """
    parts = (
        _fall(findings, pictures),
        _table(findings),
        _causes(study, findings, pictures),
        _confidence(findings, pictures),
        _photos(findings, pictures),
        _conditions(study, backbone, _shipped(findings) if shipped else _split(study, findings)),
    )
    return "\n\n".join(parts) + "\n"


def _fall(findings: Findings, pictures: str) -> str:
    fall = findings.fall
    few = next(point for point in findings.points if point.kind == "random" and point.size == fall.fewest)
    most = next(point for point in findings.points if point.kind == "all")
    told = _paragraph(
        f"With {fall.fewest} breeds drawn at random {_share(few.top1)} of the answers are right, with all",
        f"{fall.most} breeds {_share(most.top1)}: {_points(fall.total)} lost. The right breed is among the first three",
        f"answers in {_share(few.top3)} and {_share(most.top3)}.",
    )
    plot = _plot(pictures, "accuracy", "Accuracy against the number of breeds")
    return f"## How far it falls\n{plot}\n\n{told}"


def _table(findings: Findings) -> str:
    kinds = list(_NAMES)
    points = sorted(findings.points, key=lambda point: (kinds.index(point.kind), point.size))
    rows = [
        (
            str(point.size), _NAMES[point.kind], f"{point.subsets} ({point.answers:,})", _share(point.top1),
            _span(point.single), _share(point.top3), _share(point.ece),
            f"{point.ece_by_chance:.3f}",
        )
        for point in points
    ]  # fmt: skip
    head = ("breeds", "chosen", "choices (answers)", "top-1", "single choices", "top-3", "ECE", "ECE by chance")
    return _markdown_table(head, rows)


def _causes(study: BreedsStudy, findings: Findings, pictures: str) -> str:
    fall = findings.fall
    doubles = sum(pair.look_alikes for pair in findings.pairs)
    one = findings.rivals[1] if len(findings.rivals) > 1 else 0
    firsts = [count for count in FIRST_PAIRS if count < len(findings.pairs)]
    explained = [sum(pair.test_errors for pair in findings.pairs[:count]) for count in firsts]
    alike = _paragraph(
        f"Look-alikes are the {doubles} pairs of breeds of which at least {study.alike_from:.0%} of the training",
        "photos are taken for the other, by heads that never saw those photos. If their confusions did not count,",
        f"{_share(fall.explained)} of the fall would be gone, and {_share(fall.errors_explained)} of the errors",
        "among all breeds. The rest comes from many pairs with few errors each: the first",
        f"{_listed(firsts)} pairs by their errors among training photos hold {_listed(explained)} of the",
        f"{findings.test_errors} errors among test photos.",
    )
    rivals = _paragraph(
        f"Of the {findings.test_errors} test photos that are wrong with all breeds competing, {one} have exactly one",
        "breed before the right one. Such a photo is wrong only where that one breed is among the choices, and the",
        "chance of that grows in proportion to their number. That alone gives the dashed line of the first plot, for",
        "which no head was fitted: the head for all breeds, asked to answer with the right breed or others drawn at",
        "random.",
    )
    merged = _plot(pictures, "look-alikes", "Accuracy if look-alikes were one breed")
    pairs = _plot(pictures, "pairs", "The pairs with most errors")
    return f"## What makes it fall\n{merged}\n\n{alike}\n\n{rivals}\n\n{pairs}\n\n{_pairs(findings)}"


def _pairs(findings: Findings) -> str:
    shown = findings.pairs[:PAIRS]
    of_all = max(findings.train_errors, 1)
    rows = [
        (
            " / ".join(display_name(breed) for breed in pair.breeds), f"{pair.train_errors} of {pair.train_photos}",
            f"{pair.train_errors / of_all:.1%}", str(pair.test_errors),
        )
        for pair in shown
    ]  # fmt: skip
    errors = sum(pair.train_errors for pair in shown)
    tested = f"{sum(pair.test_errors for pair in shown)} of {findings.test_errors}"
    head = ("pair", "held-out errors in training photos", "share of all errors", "errors in test photos")
    return _markdown_table(head, [*rows, (f"these {len(shown)}", str(errors), f"{errors / of_all:.1%}", tested)])


def _confidence(findings: Findings, pictures: str) -> str:
    points = sorted((one for one in findings.points if one.kind in {"random", "all"}), key=lambda one: one.size)
    few, most = points[0], points[-1]
    told = _paragraph(
        f"After one temperature for each choice of breeds the calibration error is {_share(few.ece)} with",
        f"{few.size} breeds at random and {_share(most.ece)} with all {most.size}. Perfectly honest answers to as many",
        f"photos would show {few.ece_by_chance:.3f} and {most.ece_by_chance:.3f} by chance.",
    )
    plot = _plot(pictures, "confidence", "Calibration error against the number of breeds")
    return f"## Is confidence as honest?\n{plot}\n\n{told}"


def _photos(findings: Findings, pictures: str) -> str:
    rows = [
        (str(point.size), str(point.each or "all"), f"{point.subsets}", _share(point.top1), _share(point.top3))
        for point in findings.learning
    ]
    head = ("breeds", "training photos a breed", "choices or draws", "top-1", "top-3")
    return f"""## What more photos of each breed bring
{_plot(pictures, "photos", "Accuracy against the number of training photos")}

{_markdown_table(head, rows)}"""


def _split(study: BreedsStudy, findings: Findings) -> str:
    parts = f"{1 - study.validation - study.test:.0%} / {study.validation:.0%} / {study.test:.0%}"
    return f"""- Photos {parts} for training, validation and test, by near-duplicate group, seed {study.seed}: the
  default recipe's split, on whose training part the shipped backbone was tuned. The {findings.test_photos:,} test
  photos choose nothing."""


def _shipped(findings: Findings) -> str:
    return f"""- The features that ship with the model: up to 45 photos a breed of those that it was trained on, every
  fifth of them for validation, and for testing the {findings.test_photos:,} golden ones, which its training never saw.
  They choose nothing here. ResNet50's part of the network has learned from training photos of the 83 older breeds."""


def _conditions(study: BreedsStudy, backbone: str, photos: str) -> str:
    return f"""## How it was measured
- Backbone `{backbone}`, frozen; for each choice of breeds a multinomial logistic head, its penalty among
  {", ".join(f"{l2:g}" for l2 in study.penalties)} and its temperature by the validation photos of those breeds. Heads
  know the directions that hold {study.keep:.0%} of the variance of all training photos' features.
{photos}
- {study.each} training photos a breed, where it has as many, so that breeds differ in looks and not in numbers. Of the
  reference study's five the Irish Wolfhound stands in for the Scottish Deerhound only where there are no photos of it.
- At random: the breeds are shuffled and dealt, so that each is in about as many choices. Look-alikes: grown around the
  most alike pairs by the breed most alike to those chosen; unlike: grown from random breeds by the least alike. Alike
  are breeds that share probability on each other's training photos, out of fold ({study.folds} folds).
- Intervals: 95 %, bootstrap over test photos (breed by breed, the same for all choices) and over choices. The ECE is
  that of all answers of a size together: a single choice of 5 breeds has too few test photos for one of its own.
- Optimistic: these photos were probably seen by ImageNet's pre-training, as in all published work of this kind."""


def _plot(pictures: str, name: str, text: str) -> str:
    return f"![{text}]({pictures}breeds-{name}.png)"


def _share(one: Estimate) -> str:
    return f"{one.value:.3f} ({one.low:.3f}–{one.high:.3f})"


def _points(one: Estimate) -> str:
    return f"{100 * one.value:.1f} ({100 * one.low:.1f}–{100 * one.high:.1f}) points"


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.3f}–{max(values):.3f}" if len(values) > 1 else "–"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _paragraph(*lines: str) -> str:
    return textwrap.fill(" ".join(lines), _WIDTH, break_on_hyphens=False)


def _markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
