"""What the host adds to the catalogue is named, found and answered like what ships."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_models import add_backbone, add_head

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.breeds.search import BreedSearch
from core.breeds.catalogue import (
    LANGUAGES,
    NOT_A_DOG,
    Breed,
    CatalogueError,
    catalogue,
    shipped_catalogue,
    use_catalogue,
)
from core.breeds.own_breeds import OwnCatalogue, new_breed, use_own_breeds
from inference.model.artefact import ArtefactError
from inference.store.folder_store import ModelStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "breeds.json"


@pytest.fixture
def used(path: Path) -> Iterator[OwnCatalogue]:
    """What `catalogue` answers during the test."""
    yield use_own_breeds(path)
    use_catalogue(None)


def moon_hound(**other: Any) -> Breed:
    stated: dict[str, Any] = {
        "name_en": "Moon Hound", "name_fr": "Chien de lune", "group": "unrecognised", "aliases": ["moonie"],
    }  # fmt: skip
    stated |= other
    named = {language: stated.pop(f"name_{language}") for language in LANGUAGES if f"name_{language}" in stated}
    return new_breed(stated.pop("slug", "moon_hound"), named=named, **stated)


def test_without_a_file_there_is_what_ships(path: Path) -> None:
    own = OwnCatalogue(path)

    assert dict(own) == dict(shipped_catalogue())
    assert own.edition is shipped_catalogue().edition
    assert not path.parent.exists()


def test_an_added_breed_stands_among_the_others(path: Path) -> None:
    own = OwnCatalogue(path)

    own.add(moon_hound())

    assert own["moon_hound"].name("fr") == "Chien de lune"
    assert list(own) == sorted([*shipped_catalogue(), "moon_hound"])
    assert OwnCatalogue(path)["moon_hound"] == moon_hound()
    assert "moon_hound" not in shipped_catalogue()


def test_what_another_process_adds_is_known_at_the_next_look(path: Path) -> None:
    ours, theirs = OwnCatalogue(path), OwnCatalogue(path)
    assert "moon_hound" not in ours

    theirs.add(moon_hound())

    assert "moon_hound" in ours
    assert ours.edition is ours.edition


def test_the_whole_process_goes_by_the_file_it_was_told_of(used: OwnCatalogue) -> None:
    search = BreedSearch(catalogue())
    assert "moon_hound" not in catalogue()

    used.add(moon_hound())

    assert search.find("moonhound", "en")[0].slug == "moon_hound"
    assert search.find("chien de lune", "fr")[0].slug == "moon_hound"
    assert AnswerPress(Action.PICK, "abcdefghijkl", "moon_hound").data == "1:pick:abcdefghijkl:moon_hound"


def test_the_longest_slug_fits_into_a_button(used: OwnCatalogue) -> None:
    longest = "m" * 40
    used.add(moon_hound(slug=longest))

    assert len(AnswerPress(Action.PICK, "abcdefghijkl", longest).data.encode()) <= 64
    with pytest.raises(CatalogueError, match="longer than 40"):
        moon_hound(slug=longest + "m")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"slug": "Moon Hound"}, "slug='Moon Hound'"),
        ({"slug": "not_a_dog"}, "not_a_dog"),
        ({"slug": "../moon"}, "slug"),
        ({"name_en": ""}, "name_en=''"),
        ({"name_en": "🐶"}, "name_en='🐶'"),
        ({"name_fr": "Chien\nde lune"}, "name_fr"),
        ({"name_fr": "x" * 61}, "at most 60"),
        ({"aliases": ["moonie", " "]}, "aliases"),
    ],
)
def test_what_can_be_no_breed_is_refused(other: dict[str, Any], words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        moon_hound(**other)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"slug": "beagle"}, "beagle is in the catalogue already"),
        ({"slug": "sun_hound"}, "sun_hound: 'Moon Hound' is a name of moon_hound already"),
        ({"slug": "aaa_hound", "name_en": "A", "name_fr": "B"}, "aaa_hound: 'moonie' is a name of moon_hound already"),
        ({"slug": "moon_hound"}, "moon_hound is in the catalogue already"),
        ({"slug": "sun_hound", "name_en": "Béagle"}, "sun_hound: 'Béagle' is a name of beagle already"),
        (
            {"slug": "sun_hound", "name_en": "S", "name_fr": "L", "aliases": [], "group": "toys"},
            "group='toys'.*herding",
        ),
    ],
)
def test_what_contradicts_the_catalogue_is_refused_and_nothing_changes(
    path: Path, other: dict[str, Any], words: str
) -> None:
    own = OwnCatalogue(path)
    own.add(moon_hound())
    before = path.read_bytes()

    with pytest.raises(CatalogueError, match=words):
        own.add(moon_hound(**other))

    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["breeds.json"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"breeds": [{"slug": "moon_hound"}]}',
        "\udcff",
        "[" * 100_000,
        '{"breeds": [' + "[" * 950 + "]" * 950 + "]}",
        f'{{"breeds": ["{"x" * 100_000}"]}}',
    ],
)
def test_a_damaged_file_is_named_and_not_written_over(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_bytes(text.encode(errors="surrogateescape"))
    own = OwnCatalogue(path)

    with pytest.raises(CatalogueError, match=str(path)) as wrong:
        len(own)
    assert len(str(wrong.value).removeprefix(str(path))) < 300
    with pytest.raises(CatalogueError, match=str(path)):
        own.add(moon_hound())
    assert path.read_bytes() == text.encode(errors="surrogateescape")


def test_a_file_that_is_damaged_later_leaves_what_was_known(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = OwnCatalogue(path)
    own.add(moon_hound())
    assert "moon_hound" in own

    path.with_suffix(".new").write_text("{")
    path.with_suffix(".new").replace(path)

    assert "moon_hound" in own
    assert "moon_hound" in own
    assert len([record for record in caplog.records if str(path) in record.message]) == 1


def test_a_breed_that_ships_by_now_is_the_shipped_one(path: Path) -> None:
    own = OwnCatalogue(path)
    own.add(moon_hound())
    written = json.loads(path.read_text())
    written["breeds"].append({**written["breeds"][0], "slug": "beagle", "name_en": "Mine", "aliases": []})
    path.write_text(json.dumps(written))

    assert own["beagle"] == shipped_catalogue()["beagle"]


def test_a_later_version_that_takes_a_name_says_which_entry_of_the_file_to_change(path: Path) -> None:
    own = OwnCatalogue(path)
    own.add(moon_hound())
    path.write_text(path.read_text().replace("moonie", "beagle"))

    with pytest.raises(CatalogueError, match=rf"{path}: moon_hound: 'beagle' is a name of beagle already"):
        OwnCatalogue(path).keys()


def test_nobody_who_adds_at_the_same_time_is_lost(path: Path) -> None:
    slugs = [f"moon_{letter}" for letter in "abcdefgh"]
    together = threading.Barrier(len(slugs))

    def add(slug: str) -> None:
        together.wait()
        OwnCatalogue(path).add(new_breed(slug, named={"en": slug, "fr": f"{slug} fr"}, group="terriers"))

    threads = [threading.Thread(target=add, args=(slug,)) for slug in slugs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(slugs) <= set(OwnCatalogue(path))


def test_a_model_may_name_a_breed_of_the_hosts_own(used: OwnCatalogue, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models", tmp_path / "nothing")
    add_backbone(store, "plain")
    add_head(store, "knows-more", "plain", ("beagle", "borzoi", "moon_hound", NOT_A_DOG))
    with pytest.raises(ArtefactError, match="moon_hound"):
        store.head("knows-more").head()

    used.add(moon_hound())

    assert "moon_hound" in store.head("knows-more").head().labels
