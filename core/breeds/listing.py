"""The breeds that have a name here, for people and programs: `breedbot breeds`."""

from collections.abc import Collection, Iterable
from typing import Any

from rich.table import Table

from core.breeds.catalogue import Breed, catalogue, shipped_catalogue


def breed_json(breed: Breed, answered: Collection[str]) -> dict[str, Any]:
    """One object of `breeds --json`."""
    return {
        "breed": breed.slug,
        "name_en": breed.name_en,
        "name_fr": breed.name_fr,
        "group": breed.group,
        "aliases": list(breed.aliases),
        "answered": breed.slug in answered,
        "own": _is_own(breed),
    }


def breed_table(breeds: Iterable[Breed], answered: Collection[str]) -> Table:
    """For people; `answered`: slugs that the champion can name."""
    groups = catalogue().groups
    table = Table("", "breed", "English", "French", "group", box=None)
    for breed in breeds:
        marks = f"{'✓' if breed.slug in answered else ''}{'+' if _is_own(breed) else ''}"
        table.add_row(marks, breed.slug, breed.name_en, breed.name_fr, groups[breed.group].name_en)
    table.caption = "✓ the model that answers now can name it; + added by this host"
    return table


def _is_own(breed: Breed) -> bool:
    return breed.slug not in shipped_catalogue()
