"""`--set` reaches every number of a recipe, by its type, and names what does not fit."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from inference.store.folder_store import ModelStore
from training.recipe import DataNeeded, RunContext, SettingRefused, settable, with_settings
from training.tracking.tracking import Tracking


@dataclass(frozen=True, slots=True)
class Tuning:
    epochs: int = 4
    rate: float = 0.1

    def __post_init__(self) -> None:
        if self.epochs < 1:
            raise ValueError(f"epochs={self.epochs}: at least one")


@dataclass(frozen=True, slots=True)
class Made:
    name: str = "x"
    seed: int = 1
    rate: float = 0.5
    careful: bool = False
    optimizer: Literal["adam", "sgd"] = "adam"
    dense: tuple[int, ...] = ()
    breeds: tuple[str, ...] = ("beagle",)
    patience: int | None = 5
    tuning: Tuning = field(default_factory=Tuning)
    other: Tuning | None = None


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ("name=a=b", "name", "a=b"),
        ("seed=7", "seed", 7),
        ("rate=1e-3", "rate", 1e-3),
        ("careful=yes", "careful", True),
        ("careful=false", "careful", False),
        ("optimizer=sgd", "optimizer", "sgd"),
        ("dense=128, 64", "dense", (128, 64)),
        ("dense=128", "dense", (128,)),
        ("dense=", "dense", ()),
        ("breeds=pug,borzoi", "breeds", ("pug", "borzoi")),
        ("patience=none", "patience", None),
        ("patience=3", "patience", 3),
        ("tuning.epochs=2", "tuning.epochs", 2),
    ],
)
def test_a_value_is_read_by_the_type_of_its_number(setting: str, key: str, value: object) -> None:
    changed = with_settings(Made(), [setting])

    assert settable(changed)[key] == value
    assert {**settable(changed), key: 0} == {**settable(Made()), key: 0}


def test_a_part_can_be_left_out_and_settings_add_up() -> None:
    changed = with_settings(Made(other=Tuning()), ["other=none", "tuning.rate=2", "tuning.epochs=9", "seed=3"])

    assert changed == Made(seed=3, tuning=Tuning(9, 2.0), other=None)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("seed", "--set seed: expected key=value"),
        ("=3", "--set =3: expected key=value"),
        ("sead=3", "no setting 'sead'; there are: name, seed, rate"),
        ("tuning.epoch=3", "no setting 'epoch'; there are: epochs, rate"),
        ("seed=many", "--set seed=many: input should be a valid integer"),
        ("seed=none", "--set seed=none: input should be a valid integer"),
        ("optimizer=rmsprop", "--set optimizer=rmsprop: input should be 'adam' or 'sgd'"),
        ("dense=12,x", "--set dense=12,x: input should be a valid integer"),
        ("tuning=3", "--set tuning=3: has parts; set one of them"),
        ("tuning=none", "--set tuning=none: has parts"),
        ("tuning.epochs=0", "--set tuning.epochs=0: epochs=0: at least one"),
        ("other.epochs=3", "--set other.epochs=3: other is None here and has no 'epochs'"),
        ("seed.deep=3", "seed is 1 here and has no 'deep'"),
    ],
)
def test_what_does_not_fit_is_named(setting: str, said: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        with_settings(Made(), [setting])

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_run_without_photos_asks_for_them(tmp_path: Path) -> None:
    context = RunContext(None, tmp_path, None, ModelStore(tmp_path / "models"), Tracking(None))

    with pytest.raises(DataNeeded, match="--data DIR is needed"):
        _ = context.photos


def test_features_are_kept_in_the_work_folder_unless_all_runs_share_them(tmp_path: Path) -> None:
    own = RunContext(tmp_path, tmp_path / "work", None, ModelStore(tmp_path), Tracking(None))
    shared = RunContext(tmp_path, tmp_path / "work", None, ModelStore(tmp_path), Tracking(None), tmp_path / "all")

    assert (own.feature_folder, shared.feature_folder) == (tmp_path / "work" / "features", tmp_path / "all")
