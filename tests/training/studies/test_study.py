"""The numbers of a run: what cannot work is refused before anything begins."""

from dataclasses import replace

import pytest

from training.recipe import SettingRefused, with_settings
from training.studies.reference.recipe import StudyRecipe

RECIPE = StudyRecipe("made up", "resnet50")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("network=alexnet", "input should be 'scratch', 'vgg16'"),
        ("steps=polish", "unknown step 'polish'"),
        ("augmentation=study", "the features of a frozen base are computed once"),
        ("learning_rate=0", "must be greater than 0"),
        ("epochs=0", "must be greater than 0"),
        ("batch_size=-1", "must be greater than 0"),
        ("dense=0", "must be greater than 0"),
        ("validation=0.95", "shares that leave some for training"),
        ("test=0", "shares that leave some for training"),
        ("breeds=beagle,pgu", "no breed is called pgu; `breedbot breeds` lists"),
        ("breeds=beagle,beagle", "two or more, each once"),
        ("breeds=beagle", "two or more, each once"),
        ("preprocessing.input_px=0", "input_px=0"),
    ],
)
def test_what_cannot_work_is_refused_in_a_line(setting: str, said: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        with_settings(RECIPE, [setting])

    assert said in str(refused.value)
    assert str(refused.value).startswith(f"--set {setting}: ")


def test_dense_layers_are_counted_with_the_softmax() -> None:
    assert RECIPE.dense_layers == 1
    assert replace(RECIPE, dense=(128, 64)).dense_layers == 3
