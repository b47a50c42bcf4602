"""The breeds that have a name here, for people and programs: `breedbot breeds`."""

from collections.abc import Collection, Iterable
from typing import Any

from babel import Locale
from rich.table import Table

from core.breeds.catalogue import LANGUAGES, Breed, catalogue, shipped_catalogue


def breed_json(breed: Breed, answered: Collection[str]) -> dict[str, Any]:
    """One object of `breeds --json`."""
    return {
        "breed": breed.slug,
        **{f"name_{language}": breed.name(language) for language in LANGUAGES},
        "group": breed.group,
        "aliases": list(breed.aliases),
        "answered": breed.slug in answered,
        "own": _is_own(breed),
    }


def breed_table(breeds: Iterable[Breed], answered: Collection[str], language: str) -> Table:
    """For people, in English and the operator's language, else French; `answered`: slugs that the champion can name."""
    groups = catalogue().groups
    other = language if language != "en" else "fr"
    table = Table("", "breed", "English", Locale.parse(other).english_name or other, "group", box=None)
    for breed in breeds:
        marks = f"{'✓' if breed.slug in answered else ''}{'+' if _is_own(breed) else ''}"
        table.add_row(marks, breed.slug, breed.name("en"), breed.name(other), groups[breed.group].name("en"))
    table.caption = "✓ the model that answers now can name it; + added by this host"
    return table


def _is_own(breed: Breed) -> bool:
    return breed.slug not in shipped_catalogue()
