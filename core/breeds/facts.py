"""What a breed card says beside the name: where a breed comes from, how big it is, how it is.

Origins and heights follow the breed standards of the Fédération Cynologique Internationale
(https://www.fci.be/en/nomenclature/); a weight that a standard leaves open is what kennel clubs call typical.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

from babel import Locale

from core.breeds.catalogue import LANGUAGES, CatalogueError, shipped_catalogue

TEMPERAMENT_LETTERS: Final = 80
_KEYS: Final = frozenset(
    {"fci", "origin", "size", "height_cm", "weight_kg", *(f"temperament_{language}" for language in LANGUAGES)}
)


class Size(StrEnum):
    """How big, by the middle of the typical weight: at most 5, 12 or 25 kg, less than 50 kg, or more."""

    TOY = "toy"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    GIANT = "giant"


class Range(NamedTuple):
    """From the smallest usual bitch to the largest usual dog."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class BreedFacts:
    """Facts about one breed.

    Attributes:
        fci: numbers of the FCI's standards; a breed of ours can cover two, and one standard several of ours; empty for
            what the FCI does not recognise.
        origin: countries of origin, or where a wild species lives; codes of ISO 3166-1.
        height_cm: at the withers.
        temperaments: one short sentence in each language.
    """

    fci: tuple[int, ...]
    origin: tuple[str, ...]
    size: Size
    height_cm: Range | None
    weight_kg: Range | None
    temperaments: Mapping[str, str]

    def temperament(self, language: str) -> str:
        """The sentence in this language, or in English."""
        return self.temperaments.get(language, self.temperaments["en"])


def breed_facts(slug: str) -> BreedFacts | None:
    """Facts about a breed; None for one that the host added."""
    return _shipped().get(slug)


def parse_facts(text: str) -> Mapping[str, BreedFacts]:
    """Read facts from JSON: ``{"breeds": {slug: {fci, origin, …}}}``.

    Raises:
        CatalogueError: anything is missing, unknown or of a wrong type, or a breed is not in the catalogue.
    """
    try:
        document = json.loads(text)
        return {slug: _facts(slug, stated) for slug, stated in document["breeds"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, CatalogueError):
            raise
        raise CatalogueError(f"the file of breed facts: {type(error).__name__} {error}") from error


@cache
def _shipped() -> Mapping[str, BreedFacts]:
    return parse_facts(resources.files("core.breeds").joinpath("facts.json").read_text(encoding="utf-8"))


def _facts(slug: str, stated: Mapping[str, Any]) -> BreedFacts:
    if slug not in shipped_catalogue():
        raise CatalogueError(f"facts about {slug!r}, which is not in the catalogue")
    if wrong := _KEYS ^ stated.keys():
        raise CatalogueError(f"facts about {slug}: missing or unknown: {', '.join(sorted(wrong))}")
    try:
        return BreedFacts(
            tuple(int(number) for number in stated["fci"]),
            tuple(_country(code) for code in stated["origin"]),
            Size(stated["size"]),
            _range(stated["height_cm"]),
            _range(stated["weight_kg"]),
            {language: _sentence(stated[f"temperament_{language}"]) for language in LANGUAGES},
        )
    except (ValueError, TypeError, KeyError) as error:
        raise CatalogueError(f"facts about {slug}: {error}") from error


def _country(code: str) -> str:
    if code not in Locale("en").territories:
        raise ValueError(f"no country has the code {code!r}")
    return code


def _range(stated: list[int] | None) -> Range | None:
    if stated is None:
        return None
    found = Range(*stated)
    if not 0 < found.lowest < found.highest:
        raise ValueError(f"{stated} is no range")
    return found


def _sentence(stated: str) -> str:
    if not stated.endswith(".") or len(stated) > TEMPERAMENT_LETTERS:
        raise ValueError(f"{stated!r} is not a sentence of at most {TEMPERAMENT_LETTERS} letters")
    return stated
