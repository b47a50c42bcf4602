"""A run of the reference study as a recipe: which network, which head, which photos, trained how.

Keras is imported when a recipe is described or run, so that listing what was run is quick.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from core.breeds.catalogue import catalogue
from inference.photo.preprocess import Preprocessing
from training.data.read.study_breeds import STUDY_BREEDS
from training.pictures.augmentation_presets import preset
from training.pictures.image_steps import ImageSteps, parse
from training.recipe import Description, RunContext
from training.studies.reference.data import Division
from training.studies.reference.result import StudyResult


@dataclass(frozen=True, slots=True)
class StudyRecipe:
    """The numbers of one run.

    Attributes:
        test_name: as the study's table calls it.
        network: from scratch, or the frozen base.
        join: how a base's maps become features.
        dense: widths of the ReLU layers before the softmax.
        learning_rate: constant.
        batch_size: photos a step; of features as many as there are make an epoch one step.
        epochs: at most.
        patience: epochs without a lower validation loss before training stops; None trains to the end.
        validation: share of the photos to stop by.
        test: share of the photos to measure on.
        division: "official" takes Stanford's lists where they are there.
        breeds: in the order of the network's outputs.
        preprocessing: to the network's input.
        steps: on the whole photo before that, such as "equalise,denoise".
        augmentation: preset for training photos of the network from scratch; a frozen base sees each photo once.
        weights: of the base, unless a file is given; "none" draws them at random.
        seed: of split, weights, shuffling and augmentation.
    """

    test_name: str
    network: Literal["scratch", "vgg16", "vgg19", "xception", "resnet50"]
    join: Literal["pooling", "flatten"] = "pooling"
    dense: tuple[int, ...] = ()
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 32
    epochs: int = 100
    patience: int | None = 10
    validation: float = 0.15
    test: float = 0.10
    division: Division = "seeded"
    breeds: tuple[str, ...] = STUDY_BREEDS
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    steps: str = ""
    augmentation: Literal["none", "study", "modern"] = "none"
    weights: Literal["imagenet", "none"] = "imagenet"
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot work; raises ValueError."""
        parse(self.steps)
        preset(self.augmentation)
        if self.network != "scratch" and self.augmentation != "none":
            raise ValueError(f"augmentation={self.augmentation}: the features of a frozen base are computed once")
        if not (self.learning_rate > 0 and min(self.batch_size, self.epochs, self.patience or 1, *self.dense, 1) > 0):
            raise ValueError("learning_rate, batch_size, epochs, patience and dense must be greater than 0")
        if not (self.validation > 0 and self.test > 0 and self.validation + self.test < 1):
            raise ValueError(f"validation={self.validation}, test={self.test}: shares that leave some for training")
        if unknown := sorted(set(self.breeds) - catalogue().keys()):
            raise ValueError(f"no breed is called {', '.join(unknown)}; `breedbot breeds` lists their names")
        if len(set(self.breeds)) != len(self.breeds) or len(self.breeds) < 2:
            raise ValueError("breeds: two or more, each once")

    @property
    def dense_layers(self) -> int:
        """Of the head, the softmax included, as the study counts them."""
        return len(self.dense) + 1

    @property
    def image_steps(self) -> ImageSteps:
        """Parsed."""
        return parse(self.steps)

    def to_json(self) -> dict[str, Any]:
        """Every number, as JSON has it."""
        numbers: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return numbers

    def describe(self, name: str) -> Description:
        """See ``Recipe.describe``."""
        from training.studies.reference.run import describe_study  # noqa: PLC0415 (slow to import)

        return describe_study(self, name)

    def run(self, name: str, context: RunContext) -> str:
        """See ``Recipe.run``."""
        return f"{name}: {self.result(name, context).summary()}; {context.work / 'result.json'}"

    def result(self, name: str, context: RunContext) -> StudyResult:
        """Run, or read what an equal run came to.

        Raises:
            DatasetError: the photos cannot be used.
            NetworkError: the base's weights cannot be had.
        """
        from training.studies.reference.run import run_study  # noqa: PLC0415 (slow to import)

        return run_study(self, name, context)
