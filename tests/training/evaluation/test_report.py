"""The pictures of an evaluation."""

from pathlib import Path

import numpy as np
import pytest
from made_evaluations import evaluated, said
from PIL import Image

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind
from training.evaluation.report.files import require_libraries, write_report

SOME = evaluated(
    ("beagle", said("beagle", 0.9)),
    ("beagle", said("pug", 0.4, Kind.UNSURE)),
    ("pug", said("pug")),
    ("Not in the catalogue", said("boxer")),
    (NOT_A_DOG, said("pug", 0.3, Kind.NOT_A_DOG)),
    (NOT_A_DOG, said("boxer")),
)


def test_three_pictures_are_written_whole_and_replace_older_ones(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "reliability.png").write_bytes(b"old")

    written = write_report(SOME, tmp_path)

    assert [path.name for path in written] == ["confusion_matrix.png", "reliability.png", "risk_coverage.png"]
    assert set(tmp_path.iterdir()) == set(written)
    for path in written:
        with Image.open(path) as picture:
            assert picture.format == "PNG"
            assert np.asarray(picture.convert("L")).std() > 1


@pytest.mark.parametrize("kind", [Kind.NOT_A_DOG, Kind.BREED])
def test_without_dogs_there_is_only_the_matrix(tmp_path: Path, kind: Kind) -> None:
    pytest.importorskip("matplotlib")

    written = write_report(evaluated((NOT_A_DOG, said("pug", 0.3, kind))), tmp_path)

    assert [path.name for path in written] == ["confusion_matrix.png"]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_single_dog_is_enough_for_all_pictures(tmp_path: Path, kind: Kind) -> None:
    pytest.importorskip("matplotlib")

    assert len(write_report(evaluated(("pug", said("pug", 0.3, kind))), tmp_path)) == 3


def test_a_missing_library_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(Exception, match=r"matplotlib.*pip install 'breedbot\[training\]'"):
        require_libraries()
