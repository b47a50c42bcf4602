"""Names that are near to what somebody types: any case and word order, no accents, typos, half a word."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from core.breeds.catalogue import LANGUAGES, Breed, names, plain

Scores = NDArray[np.floating[Any]]  # float32, 0–100
QUERY_LIMIT: Final = 60  # characters; the longest name has 48
WORDS_LIMIT: Final = 8
NEAR: Final = 74.0  # of 100: "huski" for "husky" scores 80, "salut" for "saluki" 73
_BEGUN = 0.96  # what a word's beginning is worth, against the whole word
_LENGTH_COST = 12.0  # puts "poodle" itself before "toy poodle", and short names before long ones
_ALIKE = 60.0  # below this two words have nothing in common
_LOOSE_BEGINNING = 6  # letters from which a word's beginning may have typos; "salut" is no Saluki
_CONTAINED = 85.0  # how well every word of a name must be met for a sentence to contain it
_CONTAINED_LETTERS = 5  # "leo" and "dal" are too short to be looked for in sentences
_LOOSE_WORD = 3  # letters from which a word may have typos; "ca" is no cat


class Near(NamedTuple):
    """A breed, and how near its name is to what was typed, 0–100."""

    breed: Breed
    score: float


class BreedIndex:
    """An index over the names, slugs and aliases of breeds; pure, and safe to share between tasks."""

    def __init__(self, breeds: Iterable[Breed]) -> None:
        """Take the names apart once."""
        self._breeds = tuple(breeds)
        named = [(row, {plain(name) for name in names(breed)} - {""}) for row, breed in enumerate(self._breeds)]
        terms = [(row, term) for row, called in named for term in sorted(called)]
        self._owners = np.array([row for row, _ in terms])
        self._joined = [term.replace(" ", "") for _, term in terms]
        self._lengths = np.array([len(joined) for joined in self._joined], np.float32)
        self._words = sorted({word for _, term in terms for word in term.split()})
        self._known = frozenset(self._words)
        self._too_short = np.array([len(word) < _LOOSE_WORD for word in self._words])
        self._elided = np.array([len(word) == 1 for word in self._words])  # the "d" of "d'Écosse" is no word
        self._words_of_terms, self._starts = _numbered([term.split() for _, term in terms], self._words)
        self._spoken = {
            language: np.array([term == plain(self._breeds[row].name(language)) for row, term in terms])
            for language in LANGUAGES
        }

    def find(self, query: str, language: str, limit: int = 6) -> list[Breed]:
        """Name the nearest breeds, nearest first; none when nothing is near. Takes about a millisecond.

        Args:
            query: as typed, of any length; only its beginning is read.
            language: among equals, a name in this language goes first.
            limit: at most this many.
        """
        return [near.breed for near in self.near(query, language)[: max(limit, 0)]]

    def near(self, query: str, language: str) -> list[Near]:
        """All that are near, nearest first. The arguments are those of `find`."""
        words = plain(query[:QUERY_LIMIT]).split()[:WORDS_LIMIT]
        if not words:
            return []
        scores = np.maximum(self._score_words(words), self._score_whole("".join(words))).round(1)
        best = self._best(scores)
        spoken = self._best(np.where(self._spoken.get(language, self._spoken["en"]), scores, np.float32(0)))
        near = np.flatnonzero(best >= NEAR).tolist()
        near.sort(key=lambda row: (-best[row], spoken[row] < best[row], self._breeds[row].name(language)))
        return [Near(self._breeds[row], float(best[row])) for row in near]

    def _score_words(self, words: list[str]) -> Scores:
        """Match words with words, wherever they stand: floats [terms]."""
        whole, begun = self._compare(words)
        asked = self._score_asked(words, np.maximum(whole, begun * _BEGUN))
        return np.maximum(asked, self._score_contained(words, whole))

    def _score_asked(self, words: list[str], met: Scores) -> Scores:
        """Every typed word is somewhere in the name ("ecossais levrier"); met: floats [typed, known]."""
        weights = np.array([len(word) for word in words], np.float32)
        best = np.maximum.reduceat(met[:, self._words_of_terms], self._starts, axis=1)
        mean: Scores = weights @ best / weights.sum()
        return mean - self._cost(int(weights.sum()))

    def _score_contained(self, words: list[str], met: Scores) -> Scores:
        """Every word of the name is somewhere in what was typed ("I think it is a beagle"); met as above."""
        scores: Scores = np.minimum.reduceat(met.max(axis=0)[self._words_of_terms], self._starts)
        scores[(scores < _CONTAINED) | (self._lengths < _CONTAINED_LETTERS)] = 0
        typed = sum(len(word) for word in words)
        scores -= _LENGTH_COST * (1 - np.minimum(self._lengths / typed, 1))
        return scores

    def _compare(self, words: list[str]) -> tuple[Scores, Scores]:
        """Compare typed with known words, as wholes and as beginnings: two of floats [typed, known]."""
        whole = process.cdist(words, self._words, scorer=fuzz.ratio, score_cutoff=_ALIKE, dtype=np.float32)
        whole[:, self._too_short] *= whole[:, self._too_short] == 100
        begun = np.stack([self._begun(word) for word in words])
        whole[:, self._elided] = begun[:, self._elided] = 0
        return whole, begun

    def _begun(self, word: str) -> Scores:
        if len(word) < _LOOSE_BEGINNING or word in self._known:  # "setter" is no slip for the Wetterhoun
            return np.array([known.startswith(word) for known in self._words], np.float32) * 100
        beginnings = [known[: len(word)] for known in self._words]
        scores: Scores = process.cdist([word], beginnings, scorer=fuzz.ratio, score_cutoff=_ALIKE, dtype=np.float32)[0]
        return scores

    def _score_whole(self, joined: str) -> Scores:
        """Match the query without its spaces ("goldenretriever", "shitsu"): floats [terms]."""
        whole: Scores = process.cdist([joined], self._joined, scorer=fuzz.ratio, dtype=np.float32)[0]
        begun = np.array([known.startswith(joined) for known in self._joined], np.float32) * 100 * _BEGUN
        scores: Scores = np.maximum(whole, begun - self._cost(len(joined)))
        return scores

    def _cost(self, letters: int) -> Scores:
        cost: Scores = _LENGTH_COST * (1 - np.minimum(letters / self._lengths, 1))
        return cost

    def _best(self, scores: Scores) -> Scores:
        best = np.zeros(len(self._breeds), np.float32)
        np.maximum.at(best, self._owners, scores)
        return best


def _numbered(terms: list[list[str]], words: list[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number the words of all terms, one after the other: intp [words in all terms], and where each term starts."""
    number = {word: position for position, word in enumerate(words)}
    starts = np.cumsum([0, *(len(term) for term in terms[:-1])])
    return np.array([number[word] for term in terms for word in term], np.intp), starts
