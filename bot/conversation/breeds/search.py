"""Find a breed by what somebody types, in either language."""

from bot.conversation.breeds.index import BreedIndex
from core.breeds.catalogue import Breed, Catalogue, Edition


class BreedSearch:
    """Searches a catalogue; what is added to that is found by the next search."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Index the names that there are now."""
        self._catalogue = catalogue
        self._indexed = self._index(catalogue.edition)

    def find(self, query: str, language: str, limit: int = 6) -> list[Breed]:
        """Name the nearest breeds, nearest first; none when nothing is near. See `BreedIndex.find`."""
        edition, index = self._indexed
        if edition is not self._catalogue.edition:
            edition, index = self._indexed = self._index(self._catalogue.edition)
        return index.find(query, language, limit)

    def _index(self, edition: Edition) -> tuple[Edition, BreedIndex]:
        return edition, BreedIndex(edition.by_slug.values())
