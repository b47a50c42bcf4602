"""Every run of the study's two tables, with the numbers that it reports itself."""

from dataclasses import dataclass, replace
from itertools import product
from typing import Final, Literal

from training.recipes.five_resnet50 import RECIPE as RESNET50
from training.recipes.five_scratch import RECIPE as SCRATCH
from training.recipes.five_vgg16 import RECIPE as VGG16
from training.studies.reference.recipe import StudyRecipe

EXTRA_DENSE: Final = (128,)  # the study adds a dense layer and does not say how wide
SGD_RATE: Final = 0.01  # Keras' default; the study names none


@dataclass(frozen=True, slots=True)
class Span:
    """A number of the study's, or the ends of the range that it gives for several runs."""

    low: float
    high: float

    @classmethod
    def of(cls, value: float) -> "Span":
        """A single number."""
        return cls(value, value)

    def to_json(self) -> float | list[float]:
        """The number, or both ends."""
        return self.low if self.low == self.high else [self.low, self.high]

    def text(self, form: str) -> str:
        """As "0.9820" or "386–504"; ``form`` is for each of the numbers."""
        return "–".join(format(value, form) for value in dict.fromkeys((self.low, self.high)))


@dataclass(frozen=True, slots=True)
class StudyNumbers:
    """What the study reports; None where it does not say."""

    accuracy: Span
    loss: Span | None = None
    duration_s: Span | None = None


@dataclass(frozen=True, slots=True)
class Experiment:
    """A run of the study's and how we make it."""

    name: str
    recipe: StudyRecipe
    study: StudyNumbers


def _numbers(accuracy: float, loss: float, duration_s: float) -> StudyNumbers:
    return StudyNumbers(Span.of(accuracy), Span.of(loss), Span.of(duration_s))


def _sgd(recipe: StudyRecipe, seed: int = 1) -> StudyRecipe:
    return replace(
        recipe, optimizer="sgd", learning_rate=SGD_RATE, batch_size=32, epochs=100, patience=10, seed=seed
    )  # fmt: skip


_RESNET50_DENSE = replace(RESNET50, dense=EXTRA_DENSE, test_name="ResNet50 pooling + dense + dense")
_VGG16_DENSE = replace(VGG16, dense=EXTRA_DENSE, test_name="VGG16 flatten + dense + dense")

TRANSFER: Final = (
    Experiment("resnet50-adam-1", RESNET50, _numbers(0.9820, 0.1150, 25.0)),
    Experiment("resnet50-adam-2", replace(RESNET50, seed=2), _numbers(0.9820, 0.1069, 28.7)),
    Experiment("resnet50-adam-3", replace(RESNET50, seed=3), _numbers(0.9640, 0.1264, 25.3)),
    Experiment("resnet50-dense-adam", _RESNET50_DENSE, _numbers(0.9640, 0.0859, 22.4)),
    Experiment("vgg16-dense-adam", _VGG16_DENSE, _numbers(0.9550, 2.8248, 41.6)),
    Experiment("resnet50-sgd-1", _sgd(RESNET50), _numbers(0.9459, 0.1653, 26.6)),
    Experiment("resnet50-sgd-2", _sgd(RESNET50, 2), _numbers(0.9369, 0.2535, 24.9)),
    Experiment("vgg16-adam", VGG16, _numbers(0.9369, 3.4926, 46.3)),
    Experiment("vgg16-sgd", _sgd(VGG16), StudyNumbers(Span.of(0.9279), Span(386, 504), Span(43.8, 49.3))),
)
_BEST_FROM_SCRATCH: Final = StudyNumbers(Span.of(0.4606), None, Span.of(8.9))
_OTHERS_FROM_SCRATCH: Final = StudyNumbers(Span(0.236, 0.370))


def _from_scratch(hidden: int, optimizer: Literal["adam", "sgd"], epochs: int) -> Experiment:
    recipe = replace(
        SCRATCH, test_name=f"from scratch, {hidden} dense + softmax", dense=SCRATCH.dense[:hidden],
        optimizer=optimizer, learning_rate=SCRATCH.learning_rate if optimizer == "adam" else SGD_RATE,
        epochs=epochs, patience=None,
    )  # fmt: skip
    best = (hidden, optimizer, epochs) == (3, "adam", 10)
    name = f"scratch-{hidden}-{optimizer}-{epochs}"
    return Experiment(name, recipe, _BEST_FROM_SCRATCH if best else _OTHERS_FROM_SCRATCH)


_OPTIMIZERS: Final[tuple[Literal["adam", "sgd"], ...]] = ("adam", "sgd")
FROM_SCRATCH: Final = tuple(_from_scratch(*one) for one in product((3, 2), _OPTIMIZERS, (10, 30)))
GRID: Final = (*TRANSFER, *FROM_SCRATCH)
