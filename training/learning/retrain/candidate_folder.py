"""A candidate as a folder of the model store: head, manifest, card and report; whole or not there at all."""

import importlib.util
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from inference.model.artefact import ArtefactError, HeadArtefact, sha256
from inference.model.head import Head, read_head, write_head
from inference.model.self_check import golden_accuracy
from inference.store.folder_store import ModelStore
from training.default.export import fill_head
from training.evaluation.answers import Answers
from training.evaluation.metrics import Metrics, measure_answers
from training.evaluation.report.plot_theme import LIGHT, png
from training.evaluation.report.reliability_plot import reliability_plot
from training.evaluation.report.risk_coverage_plot import risk_coverage_plot
from training.learning.retrain.candidate import Candidate, Starting
from training.learning.retrain.model_card import feedback_card
from training.learning.suspects.suspects import ranges

RECIPE: Final = "feedback"
EXAMINED: Final = "examined.npz"


def add_candidate(store: ModelStore, made: Candidate, start: Starting, resamples: int) -> HeadArtefact:
    """Write it, and read it back verified.

    Raises:
        OSError: the disk is full or cannot be written; nothing is left behind.
        ArtefactError: what was read back is not what was written.
    """
    answers = _answers(made.head, start)
    metrics = measure_answers(answers, resamples=resamples)
    backbone = store.backbone(made.head.backbone).folder
    provenance = stated(made, start) | {
        "golden_sha256": sha256(backbone / "golden.npz"), "exemplars_sha256": sha256(backbone / "exemplars.npz"),
    }  # fmt: skip

    def fill(folder: Path) -> None:
        _draw(folder / "report", answers, metrics)
        write_head(folder / EXAMINED, made.examined)
        card = feedback_card(made, start, metrics)
        fill_head(folder, made.head, card, _summary(metrics), provenance)

    store.add("heads", made.head.model, fill)
    return store.head(made.head.model)


def stated(made: Candidate, start: Starting) -> dict[str, Any]:
    """What the manifest says of where the head comes from. No person is named: the ledger in the database does that."""
    learned = made.learned
    golden = start.golden.photos
    return {
        "recipe": RECIPE,
        "base": start.base.model,
        "champion": start.champion.model,
        "feedback": {
            "claims": len(learned.events),
            "photos": len(learned),
            "people": len(frozenset().union(*learned.people)),
            "corrections": int(learned.corrects.sum()),
            "examined_photos": made.measured,
            "events": ranges(learned.events),
            "lesson_sha256": made.fingerprint,
            "breeds": dict(sorted(Counter(learned.rows.labels.tolist()).items())),
            "set_aside": [{"events": ranges(one.event_ids), "why": one.why} for one in made.set_aside],
            "left_out": asdict(learned.left_out),
            "new_breeds": list(made.breeds.joining),
            "waiting_breeds": [asdict(one) for one in made.breeds.waiting],
        },
        "verdict": made.verdict.to_json(),
        "selfcheck": {"golden_top1": round(golden_accuracy(made.head, golden.features, golden.labels), 4)},
    }


def examined_head(artefact: HeadArtefact) -> Head:
    """The model without what the examining people taught it; the model itself where that is not known.

    Raises:
        ArtefactError: damaged.
    """
    head = artefact.head()
    if EXAMINED not in artefact.manifest["files"]:
        return head
    try:
        return read_head(artefact.folder / EXAMINED, head.model, head.backbone, head.labels, head.calibration)
    except (OSError, ValueError, KeyError) as error:
        raise ArtefactError(f"{artefact.folder / EXAMINED}: cannot be read, {error}") from error


def _draw(folder: Path, answers: Answers, metrics: Metrics) -> None:
    folder.mkdir()
    if importlib.util.find_spec("matplotlib") is not None:  # an extra, and a picture is no reason not to learn
        (folder / "reliability.png").write_bytes(png(reliability_plot(answers, metrics, LIGHT)))
        (folder / "risk_coverage.png").write_bytes(png(risk_coverage_plot(answers, metrics, LIGHT)))


def _answers(head: Head, start: Starting) -> Answers:
    judging = start.golden.judging
    return Answers.of_predictions(judging.labels.tolist(), head.predictions(judging.features), head)


def _summary(metrics: Metrics) -> dict[str, Any]:
    everything = metrics.to_dict()
    everything.pop("breeds")
    return {"split": "golden, the half that sets no threshold", **everything}
