"""Two breeds named in one line: with a comma or a word between them, or with nothing."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from bot.conversation.breeds.search import BreedSearch
from core.breeds.catalogue import Breed

WORDS_LIMIT: Final = 10  # each place where the names may part costs two searches
_MARKS: Final = re.compile(r"[,;/|&+]|\bvs\b\.?|\bversus\b", re.IGNORECASE)
# Breeds have them in their names, too ("black and tan coonhound"): they part names only where both sides are breeds.
_JOINING: Final = frozenset(
    {"and", "or", "with", "et", "ou", "avec", "und", "oder", "mit", "y", "e", "o", "u", "con", "com", "contra"}
)


class Named(NamedTuple):
    """What was found; a half that names nothing is kept as it was typed, to be told."""

    breeds: tuple[Breed, ...]
    unknown: tuple[str, ...] = ()


def two_names(text: str, search: BreedSearch, language: str) -> Named:
    """At most two breeds, in the order in which they are named, slips forgiven."""
    marked = [part.strip() for part in _MARKS.split(text) if part.strip()]
    if len(marked) >= 2:
        found = [search.nearest(part, language) for part in marked[:2]]
        unknown = tuple(part for part, near in zip(marked, found, strict=False) if near is None)
        return Named(tuple(near.breed for near in found if near is not None), unknown)
    words = text.split()[:WORDS_LIMIT]
    whole = search.nearest(text, language)
    pairs = [
        (min(one.score, other.score), one.score + other.score, one.breed, other.breed)
        for first, second in _parted(words)
        if (one := search.nearest(first, language)) is not None
        and (other := search.nearest(second, language)) is not None
        and one.breed != other.breed
    ]
    best = max(pairs, key=lambda pair: pair[:2], default=None)
    if best is not None and (whole is None or best[0] >= whole.score):
        return Named(best[2:])
    return Named((whole.breed,)) if whole is not None else Named((), (text,))


def _parted(words: list[str]) -> Iterator[tuple[str, str]]:
    for place in range(1, len(words)):
        yield " ".join(words[:place]), " ".join(words[place:])
        if words[place].lower() in _JOINING and place + 1 < len(words):
            yield " ".join(words[:place]), " ".join(words[place + 1 :])
