"""Find a breed by what somebody types, in any language."""

from functools import lru_cache

from bot.conversation.breeds.index import BreedIndex, Near
from core.breeds.catalogue import Breed, Catalogue, Edition


class BreedSearch:
    """Searches a catalogue; what is added to that is found by the next search."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Index the names that there are now."""
        self._catalogue = catalogue
        _index(catalogue.edition)

    def find(self, query: str, language: str, limit: int = 6) -> list[Breed]:
        """Name the nearest breeds, nearest first; none when nothing is near. See `BreedIndex.find`."""
        return _index(self._catalogue.edition).find(query, language, limit)

    def nearest(self, query: str, language: str) -> Near | None:
        """The nearest breed, and how near it is; None when nothing is. See `BreedIndex.near`."""
        return next(iter(_index(self._catalogue.edition).near(query, language)), None)


@lru_cache(maxsize=2)  # making it takes 60 ms; whoever searches the same edition shares it
def _index(edition: Edition) -> BreedIndex:
    return BreedIndex(edition.by_slug.values())
