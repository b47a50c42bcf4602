"""Does accuracy fall as breeds are added, and why? The question that the reference study ends with, as a recipe.

What it takes to run is imported when it runs, so that listing recipes is quick.
"""

from dataclasses import dataclass, field

from inference.model import efficientnet_lite2, resnet50
from inference.photo.preprocess import Preprocessing
from training.recipe import Description, RunContext

BREEDS = 132  # in the photos that the recipe was made for


@dataclass(frozen=True, slots=True)
class BreedsStudy:
    """The numbers of the study.

    Attributes:
        sizes: numbers of breeds to tell apart, besides all.
        subsets: random choices of each size, at least.
        extremes: easy and hard choices of each size, at most.
        each: training photos a breed, the same for all breeds that have as many.
        learning: other numbers of training photos a breed, for the learning curve.
        learning_subsets: random choices of each size that the learning curve follows.
        draws: random draws of the photos where there is one choice of breeds, all.
        penalties: of a head's weights, to choose from by the validation photos.
        alike_from: share of two breeds' photos that is mistaken for the other, from which on they are look-alikes.
        folds: of the training photos, for finding look-alikes.
        fold_l2: penalty there.
        validation, test, seed: of the default recipe's split. The shipped backbone was tuned on its training part, so
            this one must be the same.
        keep: share of the training features' variance; the trials know those directions only, which makes them
            quicker and hardly changes what they say.
        preprocessing: with weights of one's own; the shipped backbone has its own.
    """

    sizes: tuple[int, ...] = (5, 10, 20, 40, 80)
    subsets: int = 20
    extremes: int = 6
    each: int = 55
    learning: tuple[int, ...] = (5, 10, 20, 40)
    learning_subsets: int = 8
    draws: int = 3
    penalties: tuple[float, ...] = (0.01, 0.03, 0.1)
    alike_from: float = 0.03
    folds: int = 5
    fold_l2: float = 0.01
    validation: float = 0.1
    test: float = 0.1
    seed: int = 1
    keep: float = 0.98
    preprocessing: Preprocessing = field(default_factory=Preprocessing)

    def __post_init__(self) -> None:
        """Refuse what cannot work; raises ValueError."""
        if not self.sizes or min(self.sizes) < 2 or list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError("sizes: numbers of breeds from 2 up, ascending")
        if min(self.subsets, self.extremes, self.each, self.learning_subsets, self.draws, *self.learning) < 1:
            raise ValueError("subsets, extremes, each, learning_subsets, draws and learning must be greater than 0")
        if not self.penalties or min(self.penalties) < 0 or self.folds < 2:
            raise ValueError("penalties: one at least, none below 0; folds: 2 at least")
        if not 0 < self.keep < 1:
            raise ValueError(f"keep={self.keep}: a share of the variance between 0 and 1")
        if not (self.validation > 0 and self.test > 0 and self.validation + self.test < 1):
            raise ValueError(f"validation={self.validation}, test={self.test}: shares that leave some for training")

    def describe(self, name: str) -> Description:
        """See ``Recipe.describe``: the network that ships, and the head for all breeds."""
        backbone = resnet50.keras_params() + efficientnet_lite2.params()
        head = (resnet50.FEATURES + efficientnet_lite2.FEATURES + 1) * BREEDS
        return Description(name, self.preprocessing.input_px, BREEDS, backbone + head, head, backbone)

    def run(self, name: str, context: RunContext) -> str:
        """See ``Recipe.run``."""
        from training.studies.breeds.run import run_breeds_study  # noqa: PLC0415 (slow to import)

        return run_breeds_study(self, name, context)
