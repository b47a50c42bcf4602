"""The pictures of an evaluation, and the numbers behind them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from inference.breeds import NOT_A_DOG
from inference.prediction import BreedScore, Kind, Prediction
from training.dataset import LabelledPhoto
from training.evaluate import Evaluation
from training.evaluation_listing import evaluation_json, evaluation_table, unanswerable
from training.metrics import measure
from training.report import confusion, require_matplotlib, write_report


def said(breed: str, confidence: float = 0.8, kind: Kind = Kind.BREED) -> Prediction:
    others = [other for other in ("beagle", "pug", "borzoi", "boxer", "vizsla") if other != breed][:4]
    top = (BreedScore(breed, confidence), *(BreedScore(other, (1 - confidence) / 5) for other in others))
    return Prediction(kind, top, 0.0, "m", "b", np.zeros(2048, np.float16))


def evaluated(*pairs: tuple[str, Prediction]) -> Evaluation:
    photos = [LabelledPhoto(Path(f"{number}.jpg"), truth, str(number)) for number, (truth, _) in enumerate(pairs)]
    predictions = [prediction for _, prediction in pairs]
    return Evaluation(photos, predictions, {"x.jpg": "broken"}, measure([photo.breed for photo in photos], predictions))


SOME = evaluated(
    ("beagle", said("beagle", 0.9)),
    ("beagle", said("pug", 0.4, Kind.UNSURE)),
    ("pug", said("pug")),
    (NOT_A_DOG, said("pug", 0.3, Kind.NOT_A_DOG)),
    (NOT_A_DOG, said("boxer")),
)


def test_confusion_counts_answers_by_truth_with_not_a_dog_last() -> None:
    labels, counts = confusion(np.array(["pug", "beagle", NOT_A_DOG]), np.array(["pug", "pug", NOT_A_DOG]))

    assert labels == ["beagle", "pug", NOT_A_DOG]
    assert counts.tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_three_pictures_are_written_and_replace_older_ones(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "reliability.png").write_bytes(b"old")

    written = write_report(SOME, tmp_path)

    assert [path.name for path in written] == ["confusion_matrix.png", "reliability.png", "risk_coverage.png"]
    for path in written:
        with Image.open(path) as picture:
            assert picture.format == "PNG"
            assert np.asarray(picture.convert("L")).std() > 1


def test_without_dogs_there_is_only_the_matrix(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")

    written = write_report(evaluated((NOT_A_DOG, said("pug", 0.3, Kind.NOT_A_DOG))), tmp_path)

    assert [path.name for path in written] == ["confusion_matrix.png"]


def test_a_missing_library_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(Exception, match=r"pip install 'breedbot\[training\]'"):
        require_matplotlib()


def test_the_json_is_flat_and_says_null_where_no_photo_tells() -> None:
    report = json.loads(json.dumps(evaluation_json(SOME, "m")))
    without = evaluation_json(evaluated(("pug", said("pug"))), "m")

    assert (report["top1"], report["top1_n"], report["n"]) == (pytest.approx(2 / 3), 3, 5)
    assert (report["not_a_dog_rejected"], report["dogs_rejected"]) == (0.5, 0.0)
    assert report["unreadable"] == [{"path": "x.jpg", "error": "broken"}]
    assert without["not_a_dog_rejected"] is None


def test_the_table_names_the_breed_that_does_worst() -> None:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(evaluation_table(SOME, "m"))

    assert "recall of beagle" in captured.get()
    assert "top-1" in captured.get()


def test_breeds_that_the_model_cannot_name_are_found() -> None:
    assert unanswerable(SOME, ("beagle", NOT_A_DOG)) == ["pug"]
