"""Every breed that ships has a card."""

import json
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest

from core.breeds.catalogue import LANGUAGES, MIXED_BREED, CatalogueError, shipped_catalogue
from core.breeds.facts import BreedFacts, Range, Size, breed_facts, parse_facts

# The middle of the typical weight, in kg, from which a size begins; the smallest begins at nothing.
BEGINS_ABOVE_KG = {Size.TOY: 0, Size.SMALL: 5, Size.MEDIUM: 12, Size.LARGE: 25, Size.GIANT: 49.5}


def facts(slug: str) -> BreedFacts:
    found = breed_facts(slug)
    assert found is not None, slug
    return found


def test_every_breed_that_ships_has_complete_facts() -> None:
    about = {slug: facts(slug) for slug in shipped_catalogue().keys() - {MIXED_BREED}}

    assert [slug for slug, told in about.items() if not (told.origin and told.height_cm and told.weight_kg)] == []
    assert [slug for slug, told in about.items() if len(set(told.temperaments.values())) < len(LANGUAGES)] == []


def test_the_size_is_that_of_the_typical_weight() -> None:
    about = {slug: facts(slug) for slug in shipped_catalogue().keys() - {MIXED_BREED}}

    assert [slug for slug, told in about.items() if told.size is not by_weight(told.weight_kg)] == []


def test_breeds_are_in_order() -> None:
    written = document()

    assert list(written["breeds"]) == sorted(written["breeds"])


def test_a_breed_of_the_hosts_own_has_no_facts() -> None:
    assert breed_facts("moon_hound") is None


def by_weight(weight_kg: Range | None) -> Size:
    middle_kg = sum(weight_kg or (0, 0)) / 2
    return [size for size, begins in BEGINS_ABOVE_KG.items() if middle_kg > begins][-1]


def document() -> dict[str, Any]:
    text = resources.files("core.breeds").joinpath("facts.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["breeds"].update(moon_hound=d["breeds"]["pug"]), "moon_hound"),
        (lambda d: d["breeds"]["pug"].pop("fci"), "pug: missing or unknown: fci"),
        (lambda d: d["breeds"]["pug"].update(colour="fawn"), "pug: missing or unknown: colour"),
        (lambda d: d["breeds"]["pug"].update(origin=["XX"]), "pug.*XX"),
        (lambda d: d["breeds"]["pug"].update(size="huge"), "pug.*huge"),
        (lambda d: d["breeds"]["pug"].update(height_cm=[33, 25]), "pug.*33"),
        (lambda d: d["breeds"]["pug"].update(weight_kg=[6]), "pug"),
        (lambda d: d["breeds"]["pug"].update(temperament_en="Charming"), "pug.*Charming"),
        (lambda d: d["breeds"]["pug"].update(temperament_fr="Charmeur " * 20 + "."), "pug.*Charmeur"),
        (lambda d: d.pop("breeds"), "breeds"),
    ],
)
def test_damaged_facts_are_refused_by_name(change: Callable[[dict[str, Any]], object], words: str) -> None:
    damaged = document()
    change(damaged)

    with pytest.raises(CatalogueError, match=words):
        parse_facts(json.dumps(damaged))


def test_facts_that_are_not_json_are_refused() -> None:
    with pytest.raises(CatalogueError, match="breed facts"):
        parse_facts("{")
