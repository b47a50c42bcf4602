"""A model for other programs: one network of backbone and head, what it takes and says, and its card.

A folder that Hugging Face's hub takes as it is: `model.keras` or `model.onnx`, `config.json`, `README.md`, pictures.
"""

import importlib.util
import json
import shutil
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from core.atomic_file import whole_folder
from inference.model.artefact import BackboneArtefact, HeadArtefact
from inference.model.head import Head

CARD = "card.md"
OUTPUTS = ("probabilities", "features")


class Format(StrEnum):
    """What it is written as."""

    KERAS = "keras"
    ONNX = "onnx"


NEEDED = {Format.KERAS: ("keras",), Format.ONNX: ("keras", "onnx", "tf2onnx")}


class CannotExport(Exception):
    """A package is missing, or the network cannot be written so; the message says what to do."""


def share(head: HeadArtefact, backbone: BackboneArtefact, wanted: Format, folder: Path) -> list[str]:
    """Write a model, whole or not at all; names of the files.

    Raises:
        CannotExport: a package is not installed.
        OSError: the folder cannot be written, or has something in it.
    """
    if missing := [name for name in NEEDED[wanted] if not _installed(name)]:
        raise CannotExport(f"{wanted} needs {' and '.join(missing)}: pip install 'breedbot[export]'")
    from training.networks.whole_model import whole_model  # noqa: PLC0415 - an extra

    said = head.head()
    network = whole_model(backbone.network(), said)
    with whole_folder(folder) as temporary:
        if wanted is Format.KERAS:
            network.save(temporary / "model.keras")
        else:
            side = backbone.preprocessing.input_px
            network(np.zeros((1, side, side, 3), np.uint8))  # Keras exports only what was called
            network.export(str(temporary / "model.onnx"), format="onnx", verbose=False)
            _name_outputs(temporary / "model.onnx", OUTPUTS)
        stated = json.dumps(config(head, backbone, said), indent=1) + "\n"
        (temporary / "config.json").write_text(stated, "utf-8")
        card = (head.folder / CARD).read_text("utf-8") if (head.folder / CARD).exists() else f"# {head.id}\n"
        (temporary / "README.md").write_text(hub_head(head, wanted) + card + use(wanted), "utf-8")
        if (head.folder / "report").is_dir():
            shutil.copytree(head.folder / "report", temporary / "report")
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def config(head: HeadArtefact, backbone: BackboneArtefact, said: Head) -> dict[str, Any]:
    """What the network takes, and what its numbers mean."""
    return {
        "model": head.id,
        "backbone": backbone.id,
        "preprocessing": backbone.manifest["preprocessing"],
        "input": {"dtype": "uint8", "shape": ["N", "input_px", "input_px", 3], "values": "RGB, 0–255"},
        "outputs": {
            "probabilities": {
                "shape": ["N", len(said.labels)],
                "values": "calibrated, as people are told them, in the order of id2label",
            },
            "features": {"shape": ["N", said.weights.shape[0]], "values": "what the head reads"},
        },
        "id2label": dict(enumerate(said.labels)),
        "temperature": "applied",
        "unsure_below": said.calibration.unsure_below,
        "not_a_dog_above": said.calibration.not_a_dog_above,
        "manifests": {"head": dict(head.manifest), "backbone": {**backbone.manifest, "selfcheck_features": "left out"}},
    }


def hub_head(head: HeadArtefact, wanted: Format) -> str:
    """The metadata with which a card begins on Hugging Face (https://huggingface.co/docs/hub/model-cards)."""
    metrics: dict[str, Any] = dict(head.manifest.get("metrics") or {})
    scores = [
        (name, metrics[key]["value"]) for name, key in (("accuracy", "top1"), ("f1", "f1")) if _measured(metrics, key)
    ]
    lines = [
        "---", "license: mit", f"library_name: {wanted.value}", "pipeline_tag: image-classification",
        "tags: [dog-breeds, calibrated, breedbot]",
    ]  # fmt: skip
    return "\n".join([*lines, *_results(head.id, scores), "---", ""])


def use(wanted: Format) -> str:
    """How to ask it, in Python."""
    load = {
        Format.KERAS: 'import keras\nprobabilities, features = keras.models.load_model("model.keras").predict(photos)',
        Format.ONNX: (
            'import onnxruntime\nsession = onnxruntime.InferenceSession("model.onnx")\n'
            "probabilities, features = session.run(None, {session.get_inputs()[0].name: photos})"
        ),
    }[wanted]
    return (
        "\n## How to ask it\n"
        "`photos`: uint8 [N, input_px, input_px, 3], RGB, 0–255, upright by EXIF, resized and cut as\n"
        f"`preprocessing` in `config.json` says; the network does the rest.\n```python\n{load}\n```\n"
        "Below `unsure_below` the best breed is not sure; above `not_a_dog_above` there is no dog.\n"
    )


def _name_outputs(file: Path, names: Sequence[str]) -> None:
    """tf2onnx numbers them."""
    import onnx  # noqa: PLC0415 - an extra

    model = onnx.load(file)
    named = dict(zip((one.name for one in model.graph.output), names, strict=True))
    for one in (*model.graph.output, *model.graph.node):
        if isinstance(one, onnx.NodeProto):
            one.output[:] = [named.get(output, output) for output in one.output]
            one.input[:] = [named.get(name, name) for name in one.input]
        else:
            one.name = named[one.name]
    onnx.save(model, file)


def _results(model: str, scores: Sequence[tuple[str, float]]) -> list[str]:
    if not scores:
        return []
    told = [f"          - {{ type: {name}, value: {value:.4f} }}" for name, value in scores]
    return [
        "model-index:", f"  - name: {model}", "    results:", "      - task: { type: image-classification }",
        "        dataset: { name: breedbot test split, type: breedbot }", "        metrics:", *told,
    ]  # fmt: skip


def _measured(metrics: dict[str, Any], key: str) -> bool:
    return isinstance(metrics.get(key), dict) and isinstance(metrics[key].get("value"), int | float)


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
