"""Names of folders lead to breeds, strictly; what somebody meant is suggested."""

import pytest
from checkout import ROOT

from training.data.read.breed_folders import breed_of_folder, suggested_folder

STANFORD = (ROOT / "tests" / "core" / "breeds" / "stanford_folders.txt").read_text(encoding="ascii").split()


def test_all_120_folders_of_stanford_are_understood_however_they_are_spelt() -> None:
    for spelt in (str, str.lower, str.upper, lambda name: name.replace("_", "-"), lambda name: name.replace("-", "_")):
        assert len({breed_of_folder(spelt(name)) for name in STANFORD} - {None}) == 120
    assert len({breed_of_folder(name.partition("-")[0]) for name in STANFORD} - {None}) == 120


@pytest.mark.parametrize(
    ("name", "breed"),
    [
        ("afghan_hound", "afghan_hound"),
        ("not_a_dog", "not_a_dog"),
        ("n02086240-shih_tzu", "shih_tzu"),
        ("n02086240-Chihuahua", None),
        ("n99999999-Chihuahua", None),
        ("Afghan Hound", None),
        ("Chihuahua", None),
        ("", None),
    ],
)
def test_a_name_is_a_breeds_or_nobodys(name: str, breed: str | None) -> None:
    assert breed_of_folder(name) == breed


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Afghan Hound", "afghan_hound"),
        ("lévrier-afghan", "afghan_hound"),
        ("GoldenRetriever", "golden_retriever"),
        ("golden retreiver", "golden_retriever"),
        ("n02085620-Chiwawa", "chihuahua"),
        ("toy_terrier", "english_toy_terrier"),
        ("Not a dog", "not_a_dog"),
        ("unicorn", None),
        ("train", None),
        ("", None),
    ],
)
def test_what_somebody_meant_is_suggested(name: str, meant: str | None) -> None:
    assert suggested_folder(name) == meant
