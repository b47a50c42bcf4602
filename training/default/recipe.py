"""The default model's plan as a recipe: build it, then put it into a model store."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.breeds.catalogue import NOT_A_DOG
from inference.model import efficientnet_lite2, resnet50
from inference.model.artefact import sha256
from inference.store.folder_store import SHIPPED, ModelStore
from training.data.read.dataset import fingerprint, read_photos
from training.default.model import Plan, build
from training.default.ship import ship
from training.recipe import Description, RunContext
from training.tracking.tracking import DatasetNote


@dataclass(frozen=True, slots=True)
class DefaultRecipe(Plan):
    """A plan that can be described and run."""

    def describe(self, name: str) -> Description:
        """See ``Recipe.describe``; batch norm stays frozen, and so does everything up to ``frozen_until``.

        What is frozen wholly is the pair, what is tuned ResNet50 alone.
        """
        labels, pair = _shipped_labels(), self.fine_tuning is None
        head = (resnet50.FEATURES + (efficientnet_lite2.FEATURES if pair else 0) + 1) * labels
        trainable = head + self._tuned_params()
        total = resnet50.keras_params() + (efficientnet_lite2.params() if pair else 0) + head
        return Description(name, self.preprocessing.input_px, labels, total, trainable, total - trainable)

    def run(self, name: str, context: RunContext) -> str:
        """See ``Recipe.run``."""
        photos = read_photos(context.photos)
        tags = {"labels": str(len({photo.breed for photo in photos} - {NOT_A_DOG}) + 1)}
        with context.tracking.run(name, parameters(self, context), tags, context.work) as tracked:
            built = build(self, photos, context.backbone_weights, context.work, context.teacher)
            tracked.dataset(DatasetNote(context.photos.name, fingerprint(photos), str(context.photos)))
            model = ship(self, built, photos, name, context.models)
            tracked.metrics(_numbers(model.manifest["metrics"] | model.manifest["calibration"] | {"l2": built.l2}))
            tracked.tags({"model": model.id, "backbone": model.backbone_id})
            tracked.files([model.folder / "card.md", *sorted((model.folder / "report").glob("*.png"))])
        warning = "" if built.rejects else "; it cannot reject, for there is no folder not_a_dog/"
        if self.fine_tuning is None and not built.is_pair:
            warning += "; on ResNet50 alone: training/networks/convert_lite2.py says how to add EfficientNet-Lite2"
        return f"{model.id}: {model.folder / 'card.md'}{warning}"

    def _tuned_params(self) -> int:
        if self.fine_tuning is None:
            return 0
        shapes = resnet50.kernel_shapes()
        names = list(shapes)
        frozen = max(place for place, layer in enumerate(names) if layer.startswith(self.fine_tuning.frozen_until))
        return sum(_size(shapes[layer]) for layer in names[frozen + 1 :])


def _shipped_labels() -> int:
    """Of the model that the recipe was made for: how many it will be depends on the photos."""
    store = ModelStore(SHIPPED)
    return len(store.head(store.pointer().model).manifest["labels"])


def _size(kernel: tuple[int, ...]) -> int:
    height, width, channels, filters = kernel
    return height * width * channels * filters + filters


def parameters(plan: Plan, context: RunContext) -> dict[str, Any]:
    """What a run is recorded with: every number, and the files that it was made from."""
    numbers = {key: value for key, value in asdict(plan).items() if key not in {"fine_tuning", "caveat"}}
    files = {"labels": plan.labels, "never_learned": plan.never_learned, "teacher": context.teacher}
    numbers |= {key: _file(path) if path else "none" for key, path in files.items()}
    numbers["backbone_weights"] = _file(context.backbone_weights) if context.backbone_weights else "imagenet"
    tuning = {} if plan.fine_tuning is None else asdict(plan.fine_tuning)
    return numbers | {f"fine_tuning.{key}": value for key, value in tuning.items()}


def _file(path: Path) -> str:
    """Name and contents, wherever it lies; one that is not there is refused when it is read."""
    return f"{path.name} {sha256(path)[:12]}" if path.is_file() else path.name


def _numbers(metrics: dict[str, Any]) -> dict[str, float]:
    """Plain numbers, and of the shares their value."""
    values = {key: value.get("value") if isinstance(value, dict) else value for key, value in metrics.items()}
    return {key: float(value) for key, value in values.items() if isinstance(value, int | float)}
