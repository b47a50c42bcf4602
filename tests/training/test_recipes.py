"""Recipes have the names that users know, a head that says what to expect, and the study's parameters."""

from pathlib import Path

import pytest

import training.recipes
from training.recipe import Recipe, RecipeUnknown
from training.recipes import recipe, recipe_names

NAMES = {
    "breeds-study", "default", "default-tuned", "five-resnet50", "five-scratch", "five-vgg16", "five-vgg19",
    "five-xception", "stanford-120",
}  # fmt: skip


def test_every_promised_recipe_is_there() -> None:
    assert set(recipe_names()) >= NAMES


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_is_a_page_whose_head_says_what_to_expect(name: str) -> None:
    source = Path(training.recipes.__file__).with_name(f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")

    head = source.split('"""')[1]
    assert [line.split()[0] for line in head.splitlines() if line[:1].isalpha()][1:] == [
        "Command", "Data", "Time", "Expected",
    ]  # fmt: skip
    assert f"--recipe {name} " in head
    assert len(source.splitlines()) <= 60


def test_an_unknown_recipe_is_named_beside_those_there_are() -> None:
    with pytest.raises(RecipeUnknown, match=r"no recipe 'five'; there are: breeds-study, default, default-tuned, "):
        recipe("five")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "input_px", "classes", "counts"),
    [
        ("five-scratch", 299, 5, (20_174_277, 20_174_277, 0)),
        ("five-vgg16", 224, 5, (14_840_133, 125_445, 14_714_688)),
        ("five-vgg19", 224, 5, (20_149_829, 125_445, 20_024_384)),
        ("five-xception", 224, 5, (20_871_725, 10_245, 20_861_480)),
        ("five-resnet50", 224, 5, (23_597_957, 10_245, 23_587_712)),
        ("stanford-120", 224, 120, (23_833_592, 245_880, 23_587_712)),
    ],
)
def test_a_description_has_the_studys_parameters(
    name: str, input_px: int, classes: int, counts: tuple[int, int, int]
) -> None:
    made: Recipe = recipe(name)

    assert made.describe(name).to_json() == {
        "recipe": name,
        "input_size": input_px,
        "classes": classes,
        "total_params": counts[0],
        "trainable_params": counts[1],
        "frozen_params": counts[2],
    }


def test_the_default_recipe_counts_backbone_and_head() -> None:
    description = recipe("default").describe("default")

    assert (description.input_size, description.classes) == (224, 133)
    assert description.total_params == 23_587_712 + 4_811_072 + 3329 * 133
    assert description.trainable_params + description.frozen_params == description.total_params
    assert description.trainable_params == 3329 * 133


@pytest.mark.slow
def test_the_tuned_one_trains_part_of_the_backbone_besides() -> None:
    tuned = recipe("default-tuned").describe("default-tuned")

    assert tuned.total_params == 23_587_712 + 2049 * 133
    assert 2049 * 133 < tuned.trainable_params < tuned.total_params
