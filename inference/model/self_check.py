"""Proof at load time that engine, weights and head still give the numbers they were made with.

No photo is shipped for it: a picture that code draws checks the engine, golden features check the head.
"""

import numpy as np
from numpy.typing import NDArray

from inference.model.artefact import ArtefactError, BackboneArtefact
from inference.model.backbone import Backbone
from inference.model.head import Head

MIN_COSINE = 0.995  # bf16 against float32 stays above 0.999; a wrong colour order or scale falls below 0.97
ACCURACY_SLACK = 0.01


def drawn_picture(side_px: int) -> NDArray[np.uint8]:
    """uint8 [side_px, side_px, 3]: stripes, discs and gradients that excite a network much as a photo does."""
    y, x = np.mgrid[0:side_px, 0:side_px].astype(np.float64) / side_px
    red = 0.5 + 0.5 * np.sin(12 * x + 7 * y * y)
    green = np.where((x - 0.5) ** 2 + (y - 0.45) ** 2 < 0.09, 0.8 - y / 2, 0.3 + x / 3)
    blue = 0.5 + 0.4 * np.cos(25 * (x - y)) * y
    return np.asarray(np.stack([red, green, blue], axis=-1) * 255, np.uint8)


def drawn_features(backbone: Backbone, input_px: int) -> NDArray[np.float32]:
    """float32 [D]: what a backbone sees in the drawn picture."""
    (vector,) = backbone.features(drawn_picture(input_px)[None]).vectors
    return np.asarray(vector)


def check_backbone(backbone: Backbone, artefact: BackboneArtefact) -> None:
    """Raise ArtefactError unless the drawn picture gives the features stored with the weights."""
    expected = artefact.expected_features()
    vector = drawn_features(backbone, artefact.preprocessing.input_px)
    if vector.shape != expected.shape:
        raise ArtefactError(f"backbone {artefact.id}: gives {len(vector)} features, its manifest says {len(expected)}")
    cosine = float(vector @ expected) / max(float(np.linalg.norm(vector) * np.linalg.norm(expected)), 1e-30)
    if not cosine >= MIN_COSINE:
        raise ArtefactError(f"backbone {artefact.id}: self-check failed on {backbone.engine}, cosine {cosine:.4f}")


def golden_accuracy(head: Head, features: NDArray[np.float32], labels: NDArray[np.str_]) -> float:
    """Share of golden features float32 [N, D] whose most probable label is right.

    Labels that the head does not know are left out; 0 where it knows none.
    """
    known = np.isin(labels, head.labels)
    if not known.any():
        return 0.0
    names = np.array(head.labels)[head.logits(features[known]).argmax(axis=1)]
    return float((names == labels[known]).mean())


def check_head(head: Head, artefact: BackboneArtefact, promised: float | None) -> None:
    """Raise ArtefactError unless the head reads the backbone's features, as well as its manifest promises."""
    if (reads := len(head.weights)) != (gives := len(artefact.expected_features())):
        raise ArtefactError(f"model {head.model}: reads {reads} features, backbone {artefact.id} gives {gives}")
    if promised is None:
        return
    features, labels = artefact.golden()
    reached = golden_accuracy(head, features, labels)
    if not reached >= promised - ACCURACY_SLACK:
        raise ArtefactError(f"model {head.model}: self-check failed, {reached:.3f} on golden features, not {promised}")
