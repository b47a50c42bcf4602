"""A model against labelled photos: ``breedbot evaluate DIR``."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import track

from core.prediction import Prediction
from inference.look.together import OpenPhoto, look
from inference.model.classifier import Classifier
from inference.photo.decode import PhotoError
from inference.photo.file_batches import prepared
from training.data.read.dataset import LabelledPhoto
from training.evaluation.answers import Answers
from training.evaluation.metrics import Metrics, measure


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Answers beside the truth.

    Attributes:
        photos: those that could be read.
        predictions: one a photo, in their order.
        unreadable: the reason for each of the others, by path.
        metrics: over ``photos``.
    """

    photos: list[LabelledPhoto]
    predictions: list[Prediction]
    unreadable: dict[str, str]
    metrics: Metrics

    @property
    def answers(self) -> Answers:
        """The same as arrays, without the loss."""
        return Answers.of_predictions([photo.breed for photo in self.photos], self.predictions)


def evaluate(classifier: Classifier, photos: Sequence[LabelledPhoto], *, first_look: bool = False) -> Evaluation:
    """Answer every photo as people are answered, with a progress bar, and measure the answers: of several dogs in a
    photo the surest one's. `first_look`: without the second look.
    """
    size = classifier.batch_sizes[-1]
    by_path = {photo.path: photo for photo in photos}
    second = None if first_look else classifier.second
    batches = prepared(by_path, lambda data: OpenPhoto.of_bytes(data, classifier.preprocessing), size)
    seen: list[LabelledPhoto] = []
    predictions: list[Prediction] = []
    unreadable: dict[str, str] = {}
    for batch in track(batches, "evaluating", total=-(-len(by_path) // size), console=Console(stderr=True)):
        unreadable |= {str(path): str(error) for path, error in batch if isinstance(error, PhotoError)}
        readable = [(by_path[path], photo) for path, photo in batch if not isinstance(photo, PhotoError)]
        seen += [photo for photo, _ in readable]
        predictions += [one.surest for one in look(classifier, [photo for _, photo in readable], second)]
    metrics = measure([photo.breed for photo in seen], predictions, classifier.head)
    return Evaluation(seen, predictions, unreadable, metrics)
