"""Which photos a report shows, and what it says under each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind
from training.evaluation.answers import Answers
from training.evaluation.confusion_limits import OFTEN
from training.evaluation.confusions import ConfusedPair, confused_pairs
from training.evaluation.evaluate import Evaluation
from training.evaluation.report.breed_names import display_name
from training.evaluation.report.embedded_picture import thumbnail
from training.evaluation.report.numbers import percent

PAIRS = 12
ROW = 4
GALLERY = 28


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo in the page.

    Attributes:
        uri: the picture; None where the file is gone.
        file: folder and name.
        name: without the folder.
        label: what the folder says, for people.
        answer: what the model says, for people, with its confidence.
        right: whether they agree.
    """

    uri: str | None
    file: str
    name: str
    label: str
    answer: str
    right: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One breed of a pair: how many of its photos were taken for the other, and some of its photos, those first."""

    name: str
    mistaken: int
    photos: int
    views: list[PhotoView]


@dataclass(frozen=True, slots=True)
class PairView:
    """Two breeds side by side."""

    errors: int
    sides: tuple[Side, Side]


@dataclass(frozen=True, slots=True)
class Gallery:
    """Some of ``total`` photos."""

    total: int
    views: list[PhotoView]


class ReportPhotos:
    """Chooses photos of an evaluation; each is read and made small when it is shown."""

    def __init__(self, evaluation: Evaluation) -> None:
        """Read nothing yet."""
        self._evaluation = evaluation
        self._answers = evaluation.answers

    def pairs(self) -> list[PairView]:
        """Show the most confused pairs: those with several errors, or a few with one where there are no others."""
        every = confused_pairs(self._answers)
        often = [pair for pair in every if pair.errors >= OFTEN]
        return [self._pair(pair) for pair in (often or every[: PAIRS // 3])[:PAIRS]]

    def confident_errors(self) -> Gallery:
        """Show dogs with a wrong breed, the most confident answer first: where wrong labels come to light."""
        answers = self._answers
        return self._gallery(answers.dogs & ~answers.right, answers.confidence[:, 0])

    def rejected_dogs(self) -> Gallery:
        """Show dogs answered with "not a dog", the surest first."""
        answers = self._answers
        return self._gallery(answers.dogs & (answers.kind == Kind.NOT_A_DOG.value), answers.not_a_dog)

    def accepted_others(self) -> Gallery:
        """Show photos without a dog that were given a breed, or "unsure", the surest first."""
        answers = self._answers
        return self._gallery(~answers.dogs & (answers.kind != Kind.NOT_A_DOG.value), answers.confidence[:, 0])

    def _gallery(self, chosen: NDArray[np.bool_], sureness: NDArray[np.float64]) -> Gallery:
        rows = np.flatnonzero(chosen)
        rows = rows[np.argsort(-sureness[rows], kind="stable")]
        return Gallery(len(rows), self._views(rows[:GALLERY]))

    def _pair(self, pair: ConfusedPair) -> PairView:
        one, two = pair.breeds
        sides = (
            self._side(one, two, pair.mistaken[0], pair.photos[0]),
            self._side(two, one, pair.mistaken[1], pair.photos[1]),
        )
        return PairView(pair.errors, sides)

    def _side(self, breed: str, other: str, mistaken: int, photos: int) -> Side:
        answers = self._answers
        of_breed = answers.truth == breed
        rows = np.concatenate(
            [np.flatnonzero(of_breed & (answers.best == other)), np.flatnonzero(of_breed & answers.right)]
        )
        return Side(display_name(breed), mistaken, photos, self._views(rows[:ROW]))

    def _views(self, rows: Iterable[int]) -> list[PhotoView]:
        return [self._view(int(row)) for row in rows]

    def _view(self, row: int) -> PhotoView:
        photo, answers = self._evaluation.photos[row], self._answers
        return PhotoView(
            thumbnail(photo.path),
            f"{photo.path.parent.name}/{photo.path.name}",
            photo.path.name,
            display_name(photo.breed),
            _in_words(answers, row),
            bool(answers.answer[row] == answers.truth[row]),
        )


def _in_words(answers: Answers, row: int) -> str:
    best = f"{display_name(str(answers.best[row]))} {_percent(answers.confidence[row, 0])}"
    match answers.kind[row]:
        case Kind.NOT_A_DOG:
            return f"{display_name(NOT_A_DOG)} {_percent(answers.not_a_dog[row])}, else {best}"
        case Kind.UNSURE:
            return f"unsure, perhaps {best}"
        case _:
            return best


def _percent(share: float) -> str:
    if share >= 0.9995:  # nobody is 100 % sure
        return f"> {percent(0.999)}"
    return percent(share, 1 if share >= 0.99 else 0)
