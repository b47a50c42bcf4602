"""Every breed has its names, its group and its way to the Stanford Dogs folders."""

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from checkout import SHARED

from core.breeds.catalogue import (
    LANGUAGES,
    MIXED_BREED,
    NOT_A_DOG,
    CatalogueError,
    catalogue,
    names,
    parse_catalogue,
    plain,
)
from core.breeds.facts import breed_facts

SHARED_DOGS = SHARED / "dogs"
# The folders of images.tar (http://vision.stanford.edu/aditya86/ImageNetDogs/), letter by letter.
STANFORD = Path(__file__).with_name("stanford_folders.txt").read_text(encoding="ascii").split()
# Standards of what the FCI recognises, for good or provisionally (https://www.fci.be/en/nomenclature/, in 2025).
RETIRED = {18, 23, 26, 27, 29, 69, 79, 112, 174, 178, 210, 256, 258, 280}
FCI = set(range(1, 374)) - RETIRED
NOT_OF_THE_FCI = {
    "african_wild_dog", "american_hairless_terrier", "bluetick_coonhound", "dhole", "dingo", "pit_bull",
    "redbone_coonhound", "treeing_walker_coonhound",
}  # fmt: skip


def fci(slug: str) -> tuple[int, ...]:
    facts = breed_facts(slug)
    return facts.fci if facts is not None else ()


def test_all_120_stanford_folders_lead_to_their_own_breed() -> None:
    folders = [breed.stanford_folder for breed in catalogue().values() if breed.stanford_folder]

    assert sorted(folders) == sorted(STANFORD)
    assert len(set(STANFORD)) == 120
    assert len({catalogue().by_stanford_folder(folder).slug for folder in STANFORD}) == 120


def test_every_standard_of_the_fci_is_some_breeds() -> None:
    numbers = [number for slug in catalogue() for number in fci(slug)]

    assert set(numbers) == FCI
    assert {slug for slug in catalogue() if not fci(slug)} == NOT_OF_THE_FCI | {MIXED_BREED}


@pytest.mark.parametrize(
    ("number", "slugs"),
    [
        (15, {"groenendael", "laekenois", "malinois", "tervuren"}),
        (97, {"german_spitz", "keeshond", "pomeranian"}),
        (172, {"miniature_poodle", "standard_poodle", "toy_poodle"}),
        (148, {"dachshund"}),
    ],
)
def test_classes_finer_than_a_standard_share_it(number: int, slugs: set[str]) -> None:
    assert {slug for slug in catalogue() if number in fci(slug)} == slugs


@pytest.mark.parametrize(
    ("folder", "slug"),
    [
        ("n02085782-Japanese_spaniel", "japanese_chin"),
        ("n02086646-Blenheim_spaniel", "cavalier_king_charles_spaniel"),
        ("n02087046-toy_terrier", "english_toy_terrier"),
        ("n02089867-Walker_hound", "treeing_walker_coonhound"),
        ("n02093256-Staffordshire_bullterrier", "staffordshire_bull_terrier"),
        ("n02096585-Boston_bull", "boston_terrier"),
        ("n02105056-groenendael", "groenendael"),
        ("n02105162-malinois", "malinois"),
        ("n02109961-Eskimo_dog", "canadian_eskimo_dog"),
        ("n02112706-Brabancon_griffon", "brussels_griffon"),
        ("n02113186-Cardigan", "cardigan_welsh_corgi"),
        ("n02113023-Pembroke", "pembroke_welsh_corgi"),
        ("n02113978-Mexican_hairless", "xoloitzcuintli"),
        ("n02116738-African_hunting_dog", "african_wild_dog"),
    ],
)
def test_folders_that_imagenet_calls_otherwise_are_mapped(folder: str, slug: str) -> None:
    assert catalogue().by_stanford_folder(folder).slug == slug


def test_an_unknown_folder_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        catalogue().by_stanford_folder("n02085620-chihuahua")


@pytest.mark.photos
@pytest.mark.skipif(not SHARED_DOGS.is_dir(), reason="../shared/dogs is not here")
def test_every_folder_of_the_shared_photos_is_a_breed() -> None:
    folders = {path.name for path in SHARED_DOGS.iterdir() if path.is_dir()}

    assert folders - {NOT_A_DOG} <= set(catalogue())
    assert len(folders - {NOT_A_DOG}) == 132


def test_not_a_dog_is_a_label_and_no_breed() -> None:
    assert NOT_A_DOG not in catalogue()


def test_the_catalogue_is_a_mapping_in_the_order_of_slugs() -> None:
    assert len(catalogue()) == 375  # 374, and what is none of them
    assert list(catalogue()) == sorted(catalogue())
    assert all(breed.slug == slug for slug, breed in catalogue().items())
    assert catalogue() is catalogue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_display_names_are_unique(language: str) -> None:
    shown = [breed.name(language) for breed in catalogue().values()]

    assert len(set(shown)) == len(shown)


def test_every_name_and_alias_leads_to_one_breed() -> None:
    owners: dict[str, str] = {}
    for breed in catalogue().values():
        for name in names(breed):
            assert owners.setdefault(plain(name), breed.slug) == breed.slug


@pytest.mark.parametrize(
    ("slug", "french"),
    [
        ("afghan_hound", "Lévrier afghan"),
        ("bloodhound", "Chien de Saint-Hubert"),
        ("briard", "Berger de Brie"),
        ("brittany", "Épagneul breton"),
        ("dachshund", "Teckel"),
        ("white_swiss_shepherd", "Berger blanc suisse"),
        ("french_bulldog", "Bouledogue français"),
        ("german_shepherd", "Berger allemand"),
        ("great_dane", "Dogue allemand"),
        ("maltese", "Bichon maltais"),
        ("miniature_pinscher", "Pinscher nain"),
        ("newfoundland", "Terre-Neuve"),
        ("old_english_sheepdog", "Bobtail"),
        ("pomeranian", "Spitz nain (Loulou de Poméranie)"),
        ("pug", "Carlin"),
        ("scottish_deerhound", "Lévrier écossais (Deerhound)"),
        ("standard_poodle", "Grand caniche"),
        ("tibetan_mastiff", "Dogue du Tibet"),
    ],
)
def test_french_names_are_those_of_the_kennel_club(slug: str, french: str) -> None:
    assert catalogue()[slug].name("fr") == french


@pytest.mark.parametrize(
    ("slug", "german", "spanish", "portuguese"),
    [
        ("german_shepherd", "Deutscher Schäferhund", "Pastor alemán", "Pastor alemão"),
        ("bernese_mountain_dog", "Berner Sennenhund", "Boyero de Berna", "Boiadeiro bernês"),
        ("great_dane", "Deutsche Dogge", "Gran danés", "Dogue alemão"),
        ("dalmatian", "Dalmatiner", "Dálmata", "Dálmata"),
        ("saint_bernard", "Bernhardiner", "San Bernardo", "São Bernardo"),
        ("spanish_water_dog", "Spanischer Wasserhund", "Perro de agua español", "Cão d’água espanhol"),
        ("mixed_breed", "Mischling", "Mestizo", "Vira-lata (SRD)"),
        ("beagle", "Beagle", "Beagle", "Beagle"),
    ],
)
def test_german_spanish_and_portuguese_names_are_those_in_use(
    slug: str, german: str, spanish: str, portuguese: str
) -> None:
    assert [catalogue()[slug].name(language) for language in ("de", "es", "pt")] == [german, spanish, portuguese]


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_most_breeds_are_named_otherwise_than_in_english(language: str) -> None:
    differing = [breed for breed in catalogue().values() if plain(breed.name("en")) != plain(breed.name(language))]

    assert len(differing) > len(catalogue()) / 2


def test_any_other_language_gets_english() -> None:
    assert [catalogue()["pug"].name(language) for language in ("en", "it", "")] == ["Pug"] * 3


def test_every_group_is_named_and_used() -> None:
    groups = catalogue().groups

    assert {breed.group for breed in catalogue().values()} == set(groups)
    assert all(set(group.named) == set(LANGUAGES) for group in groups.values())
    assert groups["sighthounds"].name("fr") == "Lévriers"
    assert {breed.slug for breed in catalogue().values() if breed.group == "wild_canids"} == {
        "african_wild_dog",
        "dhole",
        "dingo",
    }


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Lévrier d’Écosse", "levrier d ecosse"),
        ("SHIH-TZU", "shih tzu"),
        ("Bœuf", "boeuf"),
        ("  a_b  ", "a b"),
        ("🐶", ""),
    ],
)
def test_plain_names_are_what_people_type(name: str, typed: str) -> None:
    assert plain(name) == typed


def document() -> dict[str, Any]:
    text = resources.files("core.breeds").joinpath("breeds.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def breed_of(changed: dict[str, Any], slug: str) -> dict[str, Any]:
    found: dict[str, Any] = next(breed for breed in changed["breeds"] if breed["slug"] == slug)
    return found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: breed_of(d, "pug").update(slug="Pug"), "slug='Pug'"),
        (lambda d: breed_of(d, "pug").update(slug="not_a_dog"), "not_a_dog"),
        (lambda d: breed_of(d, "pug").update(slug="beagle"), "beagle"),
        (lambda d: breed_of(d, "pug").update(name_fr=""), "pug: name_fr=''"),
        (lambda d: breed_of(d, "pug").update(name_en=7), "pug: name_en=7"),
        (lambda d: breed_of(d, "pug").update(colour="fawn"), "colour"),
        (lambda d: breed_of(d, "pug").pop("group"), "group"),
        (lambda d: breed_of(d, "pug").update(group="toys"), "pug: group='toys'"),
        (lambda d: breed_of(d, "pug").update(aliases="mops"), "pug: aliases='mops'"),
        (lambda d: breed_of(d, "pug").update(aliases=["", "mops"]), "pug: aliases="),
        (lambda d: breed_of(d, "pug").update(aliases=["Béagle"]), "pug: name or alias 'beagle' belongs to beagle"),
        (lambda d: breed_of(d, "pug").update(stanford_folder="pug"), "pug: stanford_folder='pug'"),
        (lambda d: breed_of(d, "pug").update(stanford_folder="n02088364-beagle"), "belongs to beagle"),
        (lambda d: d["breeds"].reverse(), "not sorted"),
        (lambda d: d.update(breeds={}), "breeds={}"),
        (lambda d: d.pop("groups"), "groups"),
        (lambda d: d["groups"].update(sighthounds="Lévriers"), "group sighthounds"),
        (lambda d: d["breeds"].append(None), "breed number 376"),
    ],
)
def test_a_damaged_catalogue_is_refused_by_name(change: Callable[[dict[str, Any]], object], words: str) -> None:
    damaged = document()
    change(damaged)

    with pytest.raises(CatalogueError, match=words):
        parse_catalogue(json.dumps(damaged))


def test_a_file_that_is_not_json_is_refused() -> None:
    with pytest.raises(CatalogueError, match="not JSON"):
        parse_catalogue("{")
