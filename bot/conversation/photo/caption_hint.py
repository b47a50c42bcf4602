"""The breed that somebody names beside their photo. It is shown and offered, and never believed."""

from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz import fuzz, process

from core.breeds.catalogue import Breed, Edition, catalogue, names, plain

READ_LETTERS, READ_WORDS = 300, 30
ALIAS_LETTERS = 5  # shorter ones ("leo", "lab", "jack") are words and dogs' names more often than breeds
SLIP_LETTERS = 7  # from here on one slip in a name is forgiven…
ALIKE = 90.0  # …of 100: "golden retreiver", "labradr"
# Dogs are called that, and so are other things.
EVERYDAY = frozenset(
    {"billy", "curly", "dally", "griff", "jacky", "newfy", "petit", "sammy", "silky", "skye", "york", "yorky", "tibet"}
    | {"bastard", "hybrid", "kreuzung", "callejero", "criollo", "cruce", "cruzado", "mezcla"}
    | {"caramelo", "cruzamento", "mistura", "porcelana", "rafeiro"}
)


def caption_hint(caption: str | None) -> str | None:
    """The slug of the breed named in a caption, in any language; None: none is, or several are."""
    words = plain(caption[:READ_LETTERS]).split()[:READ_WORDS] if caption else []
    if not words:
        return None
    called = _called(catalogue().edition)
    longest = max(len(name.split()) for name in called)
    exact = _without_parts({window: called[window] for window in _windows(words, longest) if window in called})
    found = exact or _with_slips(words, called)
    return found.pop() if len(found) == 1 else None


def _with_slips(words: list[str], called: dict[str, str]) -> set[str]:
    long = [name for name in called if len(name) >= SLIP_LETTERS]
    windows = [window for window in _windows(words, 3) if len(window) >= SLIP_LETTERS]
    alike = process.cdist(windows, long, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return {called[long[row.argmax()]] for row in alike if row.any()}


def _without_parts(found: dict[str, str]) -> set[str]:
    """Leave out names inside of others: "golden retriever" names no retriever besides."""
    return {slug for name, slug in found.items() if not any(name != other and name in other for other in found)}


def _windows(words: list[str], longest: int) -> Iterator[str]:
    """Every run of words; the last word of each in the singular, too."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + longest, len(words)) + 1):
            window = " ".join(words[start:end])
            yield window
            if len(window) > 3 and window.endswith("s"):
                yield window[:-1]


@lru_cache(maxsize=2)
def _called(edition: Edition) -> dict[str, str]:
    """What breeds are called in captions, and which one that is."""
    return {name: breed.slug for breed in edition.by_slug.values() for name in _names(breed)}


def _names(breed: Breed) -> Iterator[str]:
    own = {plain(name) for name in (*breed.named.values(), breed.slug)}
    for name in {plain(name) for name in names(breed)} - EVERYDAY - {""}:
        if name in own or " " in name or len(name) >= ALIAS_LETTERS:
            yield name
