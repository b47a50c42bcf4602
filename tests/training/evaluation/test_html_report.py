"""The page of an evaluation: whole, self-contained, and safe whatever files are called."""

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from made_evaluations import evaluated, said
from PIL import Image

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind, Prediction
from training.evaluation.evaluate import Evaluation
from training.evaluation.report.html_report import write_html_report

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

NASTY = "<img src=x onerror=alert(1)> & \"quoted\" 'name'.jpg"
ANSWERS = (
    ("beagle", said("beagle", 0.97)),
    ("beagle", said("pug", 0.96)),
    ("pug", said("beagle", 0.6)),
    ("pug", said("pug", 0.9)),
    ("borzoi", said("borzoi", 0.3, Kind.UNSURE)),
    ("boxer", said("boxer", 0.1, Kind.NOT_A_DOG)),
    (NOT_A_DOG, said("pug", 0.3, Kind.NOT_A_DOG)),
    (NOT_A_DOG, said("boxer", 0.7)),
)


class Page(HTMLParser):
    """What is in a page."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.html = file.read_text(encoding="utf-8")
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, key: str) -> list[str]:
        return [attributes[key] for name, attributes in self.tags if name == tag and key in attributes]


def made(folder: Path) -> Evaluation:
    """With a photo of noise for each answer, the second of them called as no photo should be."""
    paths = []
    for number, (breed, _) in enumerate(ANSWERS):
        path = folder / breed / (NASTY if number == 1 else f"{number}.jpg")
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(number).integers(0, 255, (20, 30, 3), np.uint8)
        Image.fromarray(noise).resize((300, 200)).save(path)
        paths.append(path)
    return evaluated(*ANSWERS, paths=paths, unreadable={f"pug/{NASTY}": "the file is <truncated>"})


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of a report, alone in their folder."""
    folder = tmp_path_factory.mktemp("report")
    return list(write_html_report(made(tmp_path_factory.mktemp("photos")), "model <1>", folder))


@pytest.fixture(scope="module")
def page(written: list[Path]) -> Page:
    return Page(written[0].with_name("index.html"))


@pytest.mark.slow
def test_a_page_and_three_pictures_are_written_and_nothing_else(written: list[Path]) -> None:
    names = ["confusion_matrix.png", "index.html", "reliability.png", "risk_coverage.png"]

    assert sorted(path.name for path in written) == names
    assert sorted(path.name for path in written[0].parent.iterdir()) == names


def test_the_page_needs_nothing_but_itself(page: Page) -> None:
    sources = page.all("img", "src") + page.all("source", "srcset")

    assert len(sources) > 10
    assert all(source.startswith("data:image/webp;base64,") for source in sources)
    assert all(target.startswith("#") for target in page.all("a", "href"))
    assert page.all("link", "href") == page.all("script", "src") == []
    assert set(page.all("a", "href")) <= {f"#{name}" for _, attributes in page.tags if (name := attributes.get("id"))}


def test_names_are_text_and_never_markup(page: Page) -> None:
    assert "x" not in page.all("img", "src")
    assert not any("onerror" in attributes for _, attributes in page.tags)
    assert f"beagle/{NASTY}" in page.text
    assert f"pug/{NASTY}" in page.text
    assert "How good is model <1>?" in page.text


def test_every_kind_of_error_is_shown_with_its_photo(page: Page) -> None:
    alternatives = page.all("img", "alt")

    assert "Labelled Beagle, answered Pug 96\N{NO-BREAK SPACE}%" in alternatives
    assert any("Labelled Boxer, answered not a dog" in text for text in alternatives)
    assert "Labelled not a dog, answered Boxer 70\N{NO-BREAK SPACE}%" in alternatives
    assert "Beagle and Pug: 2 errors" in page.text
    assert "1 of 2 Beagle taken for Pug" in page.text


@pytest.mark.slow
def test_photos_that_went_away_leave_a_note(tmp_path: Path) -> None:
    evaluation = made(tmp_path / "photos")
    for photo in evaluation.photos:
        photo.path.unlink()

    write_html_report(evaluation, "m", tmp_path)

    assert "file is gone" in Page(tmp_path / "index.html").text


@pytest.mark.slow
@pytest.mark.parametrize(
    "pairs",
    [
        [(NOT_A_DOG, said("pug", kind=Kind.NOT_A_DOG))],
        [("pug", said("pug"))],
        [("pug", said("beagle"))],
        [("pug", said("beagle")), (NOT_A_DOG, said("pug"))],
    ],
)
def test_sets_that_lack_something_are_reported_as_far_as_they_go(
    tmp_path: Path, pairs: list[tuple[str, Prediction]]
) -> None:
    write_html_report(evaluated(*pairs), "m", tmp_path)

    text = Page(tmp_path / "index.html").text
    assert "nan" not in text.lower()
    assert f"Measured on {len(pairs)}" in text
