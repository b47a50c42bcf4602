"""A built model → artefacts in a model store: backbone, head, card and report."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.openvino import OpenVinoBackbone
from inference.model.artefact import HeadArtefact
from inference.model.head import Head
from inference.model.network import WEIGHTS, PackedResNet50
from inference.model.self_check import drawn_features, golden_accuracy
from inference.model.weights import PackedConv, write_packed_weights
from inference.photo.preprocess import Preprocessing
from inference.store.folder_store import ModelStore
from training.data.check.photo_scan import scan
from training.data.read.dataset import LabelledPhoto, fingerprint
from training.default.card import model_card
from training.default.export import fill_backbone, fill_head
from training.default.model import BuiltModel, Plan, choose_exemplars
from training.evaluation.evaluate import Evaluation
from training.evaluation.metrics import Metrics, measure
from training.evaluation.report.files import write_report

CANNOT_REJECT = (
    "- **It cannot reject.** There were no photos without a dog (`not_a_dog/`) to learn from: it names a breed for\n"
    "  whatever it is shown."
)


def ship(plan: Plan, built: BuiltModel, photos: list[LabelledPhoto], recipe: str, store: ModelStore) -> HeadArtefact:
    """Write backbone and head into the store, each as a whole or not at all, and read the head back verified."""
    backbone = backbone_id(built.weights, plan.preprocessing)
    provenance = {"recipe": recipe, "dataset": fingerprint(photos), "dataset_photos": len(photos)}
    if not store.has("backbones", backbone):
        store.add("backbones", backbone, lambda folder: _fill_backbone(folder, backbone, plan, built, provenance))
    head = _named(built.head, backbone)
    store.add("heads", head.model, lambda folder: _fill_head(folder, head, plan, built, provenance))
    return store.head(head.model)


def backbone_id(weights: dict[str, PackedConv], preprocessing: Preprocessing) -> str:
    """Equal for equal weights and preprocessing, so that features of equal ids are comparable."""
    digest = hashlib.sha256(repr(sorted(preprocessing.to_dict().items())).encode())
    for name in sorted(weights):
        for array in (weights[name].kernel, weights[name].scale, weights[name].bias):
            digest.update(np.ascontiguousarray(array).tobytes())
    return f"resnet50-{digest.hexdigest()[:10]}"


def _named(head: Head, backbone: str) -> Head:
    digest = hashlib.sha256(head.weights.tobytes() + head.bias.tobytes() + repr(head.calibration).encode())
    model = f"dogs{len(head.labels) - 1}-{datetime.now(UTC):%Y%m%d}-{digest.hexdigest()[:6]}"
    return Head(model, backbone, head.labels, head.weights, head.bias, head.calibration)


def _fill_backbone(folder: Path, backbone: str, plan: Plan, built: BuiltModel, provenance: dict[str, Any]) -> None:
    network = {"architecture": "resnet50"}
    engine = OpenVinoBackbone(PackedResNet50(built.weights, plan.preprocessing.input_px))
    expected = drawn_features(engine, plan.preprocessing.input_px)
    engine.close()
    exemplars = choose_exemplars(built.train, plan.exemplars, plan.seed)
    write_packed_weights(folder / WEIGHTS, built.weights)
    fill_backbone(
        folder, backbone, network, plan.preprocessing, expected, built.validation, exemplars, provenance,
        np.stack([one.sketch for one in scan(built.split.validation)]),
    )  # fmt: skip


def _fill_head(folder: Path, head: Head, plan: Plan, built: BuiltModel, provenance: dict[str, Any]) -> None:
    predictions = head.predictions(built.test.features)
    metrics = measure(built.test.labels.tolist(), predictions, head)
    (folder / "report").mkdir()
    write_report(Evaluation(built.split.test, predictions, {}, metrics), folder / "report")
    caveat = plan.caveat if built.rejects else f"{plan.caveat}\n{CANNOT_REJECT}"
    card = model_card(head.model, head.backbone, provenance["recipe"], _facts(plan, built), caveat, metrics)
    golden = golden_accuracy(head, built.validation.features.astype(np.float32), built.validation.labels)
    fill_head(folder, head, card, _summary(metrics), {**provenance, "selfcheck": {"golden_top1": round(golden, 4)}})


def _facts(plan: Plan, built: BuiltModel) -> dict[str, str]:
    parts = [f"{len(part.labels):,}" for part in (built.train, built.validation, built.test)]
    calibration = built.head.calibration
    return {
        "Labels": f"{len(built.head.labels) - 1} breeds and `not_a_dog`",
        "Photos": f"{' / '.join(parts)} for training / validation / test, split by near-duplicate group",
        "Preprocessing": f"`{plan.preprocessing.to_dict()}`",
        "Fine-tuning": f"`{plan.fine_tuning}`",
        "Head": f"multinomial logistic regression, L2 {built.l2:g} chosen on one half of the validation photos",
        "Calibration": f"temperature {calibration.temperature:.3f}, unsure below {calibration.unsure_below:.2f}, "
        f"not a dog above {calibration.not_a_dog_above:.2f}, on the other half, which chose nothing else",
        "Features shipped": "validation photos (golden, for the gate) and a sample of training photos (for replay)",
    }


def _summary(metrics: Metrics) -> dict[str, Any]:
    everything = metrics.to_dict()
    everything.pop("breeds")
    return {"split": "test", **everything}
