"""Photo files → answers, one by one in the order given: what `breedbot predict` prints."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Box, BreedScore, Kind, Prediction, sayable
from inference.look.together import OpenPhoto, look
from inference.model.classifier import Classifier
from inference.model.head import Head
from inference.photo.decode import PhotoError
from inference.photo.file_batches import prepared, read_photo
from inference.serving.answer_json import answer_json, name_of, scores_json
from inference.serving.heatmap_service import heatmap

SHOWN = 3  # breeds, in the line for people
WORTH_A_WORD = 0.01
_NOT_ALL = 0.99  # of a cut picture is there at most, also where just its finest details are missing


@dataclass(frozen=True, slots=True)
class PhotoAnswer:
    """One photo's answer, or why there is none: either there are `dogs`, or there is an `error`.

    Attributes:
        path: as it was given.
        dogs: one prediction a dog, the largest first; one of the whole photo if it shows none.
        error: what is wrong with the file.
        heatmap: where its evidence was painted to, if that was asked for.
        cut: of a file that was cut off, the share of the picture that was there.
        everything: every label with its probability, best first, if that was asked for.
    """

    path: Path
    dogs: tuple[Prediction, ...] = ()
    error: str | None = None
    heatmap: Path | None = None
    everything: tuple[BreedScore, ...] = ()
    cut: float | None = None

    def to_json(self) -> dict[str, Any]:
        """One line of `predict --json` (DESIGN §7)."""
        if not self.dogs:
            return {"path": str(self.path), "error": self.error}
        line = {"path": str(self.path), **answer_json(self.dogs)}
        if self.cut is not None:
            line["cut"] = min(round(self.cut, 2), _NOT_ALL)
        if self.everything:
            line["all"] = scores_json(self.everything)
        return line if self.heatmap is None else {**line, "heatmap": str(self.heatmap)}

    def to_text(self) -> str:
        """The same for people, in one line, and one for each of `everything`; empty where there is no answer."""
        if not self.dogs:
            return ""
        rows = [f"  {score.confidence:6.1%}  {name_of(score.breed)}" for score in self.everything]
        there = min(self.cut or 0.0, _NOT_ALL)
        cut = "" if self.cut is None else f" (the file is cut off: {there:.0%} of the picture are there)"
        if len(self.dogs) == 1:
            return "\n".join([f"{self.path}: {_in_words(self.dogs[0])}{cut}", *rows])
        dogs = [f"  {number}. {_in_words(dog)}, {_place(dog.box)}" for number, dog in enumerate(self.dogs, 1)]
        return "\n".join([f"{self.path}: {len(self.dogs)} dogs{cut}", *dogs, *rows])

    @property
    def surest(self) -> Prediction:
        """The most certain dog."""
        return max(self.dogs, key=lambda dog: dog.top[0].confidence)


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

    def opened(data: bytes) -> OpenPhoto:
        return OpenPhoto.of_bytes(data, classifier.preprocessing)

    for batch in prepared(paths, opened, classifier.batch_sizes[-1]):
        readable = [photo for _, photo in batch if not isinstance(photo, PhotoError)]
        looked = iter(look(classifier, readable, classifier.second))
        for path, photo in batch:
            if isinstance(photo, PhotoError):
                yield PhotoAnswer(path, error=str(photo))
                continue
            found = PhotoAnswer(path, next(looked).predictions, cut=photo.present)
            if everything:
                found = replace(found, everything=_ranked(classifier.head, found.surest.features))
            if heatmaps is not None:
                found = _painted(found, classifier, heatmaps / _free_name(path, taken))
            yield found


def _in_words(said: Prediction) -> str:
    if said.kind is Kind.NOT_A_DOG:
        return f"no dog ({sayable(said.not_a_dog):.0%})"
    first, *others = [
        f"{name_of(score.breed)} {sayable(score.confidence):.0%}"
        for place, score in enumerate(said.top[:SHOWN])
        if place == 0 or score.confidence >= WORTH_A_WORD
    ]
    lead = f"not sure, perhaps {first}" if said.kind is Kind.UNSURE else first
    return lead + (f", or {', '.join(others)}" if others else "")


def _place(box: Box) -> str:
    return f"{box.left + box.width / 2:.0%} from the left, {box.top + box.height / 2:.0%} from the top"


def _painted(answer: PhotoAnswer, classifier: Classifier, target: Path) -> PhotoAnswer:
    said = answer.surest
    breed = NOT_A_DOG if said.kind is Kind.NOT_A_DOG else said.top[0].breed
    try:
        painted = heatmap(classifier, read_photo(answer.path), breed, said.box)
    except PhotoError as error:  # it was there a moment ago: a pipe, or somebody deletes
        return PhotoAnswer(answer.path, error=f"cannot be read a second time for its heatmap: {error}")
    painted.save(target)
    return replace(answer, heatmap=target)


def _ranked(head: Head, features: NDArray[np.floating]) -> tuple[BreedScore, ...]:
    """Every label, best first."""
    [probabilities] = head.told(features[None])
    return tuple(BreedScore(head.labels[column], float(probabilities[column])) for column in np.argsort(-probabilities))


def _free_name(path: Path, taken: Counter[str]) -> str:
    """`beagle.heatmap.png`; photos of one name from several folders are numbered."""
    taken[path.stem] += 1
    number = "" if taken[path.stem] == 1 else f"-{taken[path.stem]}"
    return f"{path.stem}{number}.heatmap.png"
