"""Photo files → answers, one by one in the order given: what `breedbot predict` prints."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import BreedScore, Kind, Prediction
from inference.model.classifier import Classifier
from inference.model.head import Head
from inference.model.heatmap import LIMIT_PX, paint
from inference.photo.decode import PhotoError, cut_share, decode
from inference.photo.file_batches import photo_batches, read_photo
from inference.photo.preprocess import Preprocessing
from inference.serving.answer_json import answer_json, name_of, scores_json

SHOWN = 3  # breeds, in the line for people
WORTH_A_WORD = 0.01


@dataclass(frozen=True, slots=True)
class PhotoAnswer:
    """One photo's answer, or why there is none: exactly one of `prediction` and `error` is set.

    Attributes:
        path: as it was given.
        prediction: the answer.
        error: what is wrong with the file.
        heatmap: where its evidence was painted to, if that was asked for.
        cut: of a file that was cut off, the share of the picture that was there.
        everything: every label with its probability, best first, if that was asked for.
    """

    path: Path
    prediction: Prediction | None = None
    error: str | None = None
    heatmap: Path | None = None
    everything: tuple[BreedScore, ...] = ()
    cut: float | None = None

    def to_json(self) -> dict[str, Any]:
        """One line of `predict --json` (DESIGN §7)."""
        if self.prediction is None:
            return {"path": str(self.path), "error": self.error}
        line = {"path": str(self.path), **answer_json([self.prediction])}
        if self.cut is not None:
            line["cut"] = round(self.cut, 2)
        if self.everything:
            line["all"] = scores_json(self.everything)
        return line if self.heatmap is None else {**line, "heatmap": str(self.heatmap)}

    def to_text(self) -> str:
        """The same for people, in one line, and one for each of `everything`; empty where there is no answer."""
        if self.prediction is None:
            return ""
        rows = [f"  {score.confidence:6.1%}  {name_of(score.breed)}" for score in self.everything]
        cut = "" if self.cut is None else f" (the file is cut off: {self.cut:.0%} of the picture are there)"
        return "\n".join([f"{self.path}: {_in_words(self.prediction)}{cut}", *rows])


def photo_answers(
    classifier: Classifier, paths: Sequence[Path], heatmaps: Path | None = None, *, everything: bool = False
) -> Iterator[PhotoAnswer]:
    """Answer every photo; one that cannot be read is answered with its error.

    Args:
        classifier: warmed up.
        paths: files, in any number.
        heatmaps: a folder that exists; each photo's evidence is painted into a PNG there.
        everything: with every label's probability.
    """
    taken: Counter[str] = Counter()
    cut: dict[Path, float | None] = {}

    def read(path: Path) -> bytes:
        data = read_photo(path)
        cut[path] = cut_share(data)
        return data

    for batch in photo_batches(paths, classifier.preprocessing.decode, classifier.batch_sizes[-1], read):
        answers = _answers(classifier, batch.pixels, maps=heatmaps is not None, everything=everything)
        for path in batch.paths:
            if path in batch.failures:
                yield PhotoAnswer(path, error=str(batch.failures[path]))
                continue
            prediction, evidence, scores = next(answers)
            found = PhotoAnswer(path, prediction, everything=scores, cut=cut[path])
            if heatmaps is not None and evidence is not None:
                found = _painted(found, evidence, classifier.preprocessing, heatmaps / _free_name(path, taken))
            yield found


def _in_words(said: Prediction) -> str:
    if said.kind is Kind.NOT_A_DOG:
        return f"no dog ({said.not_a_dog:.0%})"
    first, *others = [
        f"{name_of(score.breed)} {score.confidence:.0%}"
        for place, score in enumerate(said.top[:SHOWN])
        if place == 0 or score.confidence >= WORTH_A_WORD
    ]
    lead = f"not sure, perhaps {first}" if said.kind is Kind.UNSURE else first
    return lead + (f", or {', '.join(others)}" if others else "")


def _painted(
    answer: PhotoAnswer, evidence: NDArray[np.float32], preprocessing: Preprocessing, target: Path
) -> PhotoAnswer:
    try:
        photo = decode(read_photo(answer.path), min_side_px=LIMIT_PX)
    except PhotoError as error:  # it was there a moment ago: a pipe, or somebody deletes
        return PhotoAnswer(answer.path, error=f"cannot be read a second time for its heatmap: {error}")
    paint(photo, evidence, preprocessing).save(target)
    return replace(answer, heatmap=target)


def _answers(
    classifier: Classifier, pixels: NDArray[np.uint8], *, maps: bool, everything: bool
) -> Iterator[tuple[Prediction, NDArray[np.float32] | None, tuple[BreedScore, ...]]]:
    """Answers of a batch, each with the evidence for what it says, float32 [h, w], and all scores, if wanted."""
    if not len(pixels):
        return
    features = classifier.raw_features(pixels, maps=maps)
    head = classifier.head
    for row, prediction in enumerate(head.predictions(features.vectors)):
        scores = _ranked(head, features.vectors[row]) if everything else ()
        if features.maps is None:
            yield prediction, None, scores
            continue
        said = NOT_A_DOG if prediction.kind is Kind.NOT_A_DOG else prediction.top[0].breed
        yield prediction, head.activation_map(features.maps[row], said), scores


def _ranked(head: Head, features: NDArray[np.float32]) -> tuple[BreedScore, ...]:
    """Every label, best first."""
    [probabilities] = head.probabilities(features[None])
    return tuple(BreedScore(head.labels[column], float(probabilities[column])) for column in np.argsort(-probabilities))


def _free_name(path: Path, taken: Counter[str]) -> str:
    """`beagle.heatmap.png`; photos of one name from several folders are numbered."""
    taken[path.stem] += 1
    number = "" if taken[path.stem] == 1 else f"-{taken[path.stem]}"
    return f"{path.stem}{number}.heatmap.png"
