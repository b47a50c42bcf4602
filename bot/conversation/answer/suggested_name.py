"""The name of a breed as somebody typed it, made fit to be stored and shown."""

import unicodedata
from collections.abc import Iterable

from core.breeds.catalogue import Breed, names, plain

LIMIT = 60  # characters; the longest name of the catalogue has 48


def suggested_name(text: str | None) -> str | None:
    """One line of at most 60 characters, without what cannot be seen; None if there is no letter in it."""
    composed = unicodedata.normalize("NFC", text or "")
    visible = "".join(character if character.isprintable() else " " for character in composed)
    name = " ".join(visible.split())[:LIMIT].strip()
    return name if any(character.isalpha() for character in name) else None


def is_one_of(name: str, breeds: Iterable[Breed]) -> bool:
    """Whether a breed is called exactly that, accents and case aside: then there is nothing to suggest."""
    return any(plain(name) == plain(known) for breed in breeds for known in names(breed))
