"""What a recipe is: numbers that can be changed from the command line, a network to describe, a run to make.

RecipeError             nothing was begun; the message says what to type instead
├── RecipeUnknown       no recipe of that name
├── SettingRefused      `--set` names no number of the recipe, or gives it a value that it cannot have
└── DataNeeded          the recipe was asked to run without photos
"""

from collections.abc import Iterable
from dataclasses import Field, asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from inference.store.folder_store import ModelStore
from training.tracking.tracking import Tracking

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
NONE = "none"


class RecipeError(Exception):
    """A recipe cannot be run as asked."""


class RecipeUnknown(RecipeError):
    """There is no recipe of that name."""


class SettingRefused(RecipeError):
    """A `--set key=value` does not fit the recipe."""


class DataNeeded(RecipeError):
    """Photos are needed and none were given."""


@dataclass(frozen=True, slots=True)
class Description:
    """A recipe's network; ``frozen_params`` are those that training leaves as they are."""

    recipe: str
    input_size: int
    classes: int
    total_params: int
    trainable_params: int
    frozen_params: int

    def to_json(self) -> dict[str, Any]:
        """As ``breedbot train --describe --json`` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RunContext:
    """Where a run reads and writes; what it does there is the recipe's business.

    Attributes:
        data: folder of photos.
        work: results between the steps, so that a killed run goes on.
        backbone_weights: Keras weights of ResNet50 without its top; None downloads ImageNet's.
        models: for recipes that make a model to serve.
        tracking: where runs are recorded.
        features: feature cache, shared by all runs that see the same photos; None keeps it in the work folder.
        teacher: a better network for soft targets, in OpenVINO's format.
    """

    data: Path | None
    work: Path
    backbone_weights: Path | None
    models: ModelStore
    tracking: Tracking
    features: Path | None = None
    teacher: Path | None = None

    @property
    def photos(self) -> Path:
        """The folder of photos; raises DataNeeded."""
        if self.data is None:
            raise DataNeeded("--data DIR is needed: a folder with one sub-folder of photos a breed")
        return self.data

    @property
    def feature_folder(self) -> Path:
        """Where computed features are kept."""
        return self.features or self.work / "features"


class Recipe(Protocol):
    """A frozen dataclass in ``training/recipes/``: every field is a number that ``--set`` may change."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def describe(self, name: str) -> Description:
        """Count the network's parameters; needs no photos and no weights."""

    def run(self, name: str, context: RunContext) -> str:
        """Make what the recipe makes, going on where a killed run was. Returns: what was made and where, in a line."""


def with_settings(recipe: R, settings: Iterable[str]) -> R:
    """Return the recipe with some numbers changed.

    Args:
        recipe: a frozen dataclass.
        settings: ``key=value`` each; ``fine_tuning.epochs=2`` reaches into a part, ``128,64`` is a tuple, ``none`` is
            None.

    Raises:
        SettingRefused: naming the key, the value and what it may be.
    """
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not (key and equals):
            raise SettingRefused(f"--set {setting}: expected key=value")
        recipe = _changed(recipe, key.split("."), value, f"--set {setting}")
    return recipe


def settable(recipe: "DataclassInstance") -> dict[str, Any]:
    """Every key that ``--set`` takes, with its present value; parts of parts by their dotted name."""
    found: dict[str, Any] = {}
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        if is_dataclass(value) and not isinstance(value, type):
            found |= {f"{field.name}.{key}": inner for key, inner in settable(value).items()}
        else:
            found[field.name] = value
    return found


def _changed(part: R, keys: list[str], value: str, said: str) -> R:
    key, *deeper = keys
    hints = get_type_hints(type(part))
    if key not in (names := [field.name for field in fields(part)]):
        raise SettingRefused(f"{said}: no setting {key!r}; there are: {', '.join(names)}")
    if deeper:
        inner = getattr(part, key)
        if not is_dataclass(inner) or isinstance(inner, type):
            raise SettingRefused(f"{said}: {key} is {inner!r} here and has no {deeper[0]!r}")
        new: Any = _changed(inner, deeper, value, said)
    else:
        new = _parsed(hints[key], value, said)
    try:
        return replace(part, **{key: new})
    except ValueError as error:
        raise SettingRefused(f"{said}: {error}") from error


def _parsed(kind: Any, text: str, said: str) -> Any:
    kinds = get_args(kind) if get_origin(kind) in {UnionType, Union} else (kind,)
    if NoneType in kinds and text.lower() == NONE:
        return None
    if any(is_dataclass(one) for one in kinds):
        raise SettingRefused(f"{said}: has parts; set one of them, or none")
    raw: Any = text
    if any(get_origin(one) is tuple for one in kinds):
        raw = tuple(piece.strip() for piece in text.split(",") if piece.strip())
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise SettingRefused(f"{said}: {reason[:1].lower()}{reason[1:]}") from None
