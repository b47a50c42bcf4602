"""A breed's name, as people read it, and as they write it: on being asked for one, beside a photo, or all the same."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process

from core.breeds.catalogue import Breed, Edition, catalogue, names, plain

WORD_LETTERS = 4  # of a word that names a breed; the shortest of them are words of everyday talk
EVERYDAY_WORDS = frozenset(
    {"dog", "dogs", "chien", "chienne", "chiens", "hund", "water", "eau", "small", "petit", "great", "grand"}
    | {"breed", "breeds", "race", "races", "mixed", "sans", "designer"}
    | {"hunde", "klein", "kleiner", "grosser", "rasse", "rassen", "mini"}
    | {"perro", "perra", "perros", "raza", "razas", "agua", "aguas", "gran", "grande", "pequeno", "pelo", "real"}
    | {"cachorro", "cachorra", "cachorros", "raca", "racas", "lata", "latas", "para"}
)
READ_LETTERS, READ_WORDS = 300, 30
ALIAS_LETTERS = 5  # shorter ones ("leo", "lab", "jack") are words and dogs' names more often than breeds
SLIP_LETTERS = 7  # from here on one slip in a name is forgiven…
ALIKE = 90.0  # …of 100: "golden retreiver", "labradr"
# Dogs are called that, and so are other things.
EVERYDAY_NAMES = frozenset(
    {"billy", "curly", "dally", "griff", "jacky", "newfy", "petit", "sammy", "silky", "skye", "york", "yorky", "tibet"}
    | {"bastard", "hybrid", "kreuzung", "callejero", "criollo", "cruce", "cruzado", "mezcla"}
    | {"caramelo", "cruzamento", "mistura", "porcelana", "rafeiro"}
)


def breed_name(slug: str, language: str) -> str:
    """The display name, plain text.

    An old prediction may name a breed that the catalogue no longer has: it is then read from the slug.
    """
    breed = catalogue().get(slug)
    return breed.name(language) if breed else slug.replace("_", " ").capitalize()


def is_called(breed: Breed, name: str) -> bool:
    """Whether a breed is called exactly that, accents and case aside."""
    return plain(name) in map(plain, names(breed))


def named_breeds(text: str, found: Sequence[Breed]) -> list[Breed]:
    """Those found whose name has a word of the text in full; a search would forgive slips, and so answer small talk."""
    words = {word for word in plain(text).split() if len(word) >= WORD_LETTERS} - EVERYDAY_WORDS
    return [breed for breed in found if any(words & set(plain(name).split()) for name in names(breed))]


def caption_hint(caption: str) -> str | None:
    """The slug of the breed named in a caption, in any language; None: none is, or several are."""
    words = plain(caption[:READ_LETTERS]).split()[:READ_WORDS]
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
    for name in {plain(name) for name in names(breed)} - EVERYDAY_NAMES - {""}:
        if name in own or " " in name or len(name) >= ALIAS_LETTERS:
            yield name
