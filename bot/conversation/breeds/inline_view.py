"""Inline mode: breeds as results that people share in any chat."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.breeds.card import card_summary, card_text
from bot.texts import say_plain
from core.breeds.catalogue import Breed, catalogue

POPULAR = (
    "labrador_retriever", "french_bulldog", "golden_retriever", "german_shepherd", "standard_poodle", "dachshund",
    "border_collie", "australian_shepherd", "beagle", "rottweiler", "yorkshire_terrier", "siberian_husky",
    "cavalier_king_charles_spaniel", "chihuahua", "pug", "shiba_inu", "malinois", "jack_russell_terrier",
    "bernese_mountain_dog", "boxer",
)  # fmt: skip
"""What an empty query shows: breeds that are kept much on both sides of the Atlantic, in no strict order."""

START_BREEDS = "breeds"
START_PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One result.

    Attributes:
        id: the slug; unique among the results, at most 64 bytes.
        title, description: what the list shows, plain text.
        text: what is sent when it is chosen, for parse_mode HTML.
    """

    id: str
    title: str
    description: str
    text: str


@dataclass(frozen=True, slots=True)
class InlineDoor:
    """The button above the results, which leads to the private chat. ``start``: the parameter of its /start."""

    text: str
    start: str


def popular_breeds() -> list[Breed]:
    """Those of `POPULAR` that the catalogue has."""
    return [catalogue()[slug] for slug in POPULAR if slug in catalogue()]


def inline_results(breeds: Sequence[Breed], language: str) -> list[InlineResult]:
    """One result a breed."""
    return [
        InlineResult(breed.slug, breed.name(language), card_summary(breed, language), card_text(breed.slug, language))
        for breed in breeds
    ]


def inline_door(found: bool, language: str) -> InlineDoor:
    """To the photo, or to the list of breeds where nothing was found."""
    key, start = ("button-inline-photo", START_PHOTO) if found else ("button-inline-nothing", START_BREEDS)
    return InlineDoor(say_plain(language, key), start)
