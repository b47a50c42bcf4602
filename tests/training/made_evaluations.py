"""Answers and evaluations made up for tests."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.prediction import BreedScore, Kind, Prediction
from inference.model.head import Calibration, Head
from training.data.read.dataset import LabelledPhoto
from training.evaluation.evaluate import Evaluation
from training.evaluation.metrics import measure

BREEDS = ("beagle", "pug", "borzoi", "boxer", "vizsla", "samoyed")


def said(breed: str, confidence: float = 0.8, kind: Kind = Kind.BREED, second: str = "") -> Prediction:
    """An answer whose runners-up share what is left."""
    others = [other for other in (second, *BREEDS) if other and other not in {breed, ""}]
    runners_up = list(dict.fromkeys(others))[:4]
    top = (BreedScore(breed, confidence), *(BreedScore(other, (1 - confidence) / 5) for other in runners_up))
    return Prediction(kind, top, 0.9 if kind is Kind.NOT_A_DOG else 0.01, "m", "b", np.zeros(2048, np.float16))


def evaluated(
    *pairs: tuple[str, Prediction], paths: Sequence[Path] = (), unreadable: dict[str, str] | None = None
) -> Evaluation:
    """One photo a pair of label and answer."""
    files = paths or [Path(truth) / f"{number}.jpg" for number, (truth, _) in enumerate(pairs)]
    photos = [LabelledPhoto(path, truth, str(path)) for path, (truth, _) in zip(files, pairs, strict=True)]
    predictions = [prediction for _, prediction in pairs]
    metrics = measure([photo.breed for photo in photos], predictions, resamples=50)
    return Evaluation(photos, predictions, unreadable or {}, metrics)


def one_hot_head(labels: tuple[str, ...], strength: float = 1.0) -> Head:
    """A head whose logits are the first features."""
    weights = np.zeros((2048, len(labels)), np.float32)
    weights[range(len(labels)), range(len(labels))] = strength
    return Head("m", "b", labels, weights, np.zeros(len(labels), np.float32), Calibration())
