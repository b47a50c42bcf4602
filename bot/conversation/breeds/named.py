"""Whether words name a breed: on being asked for one, or all the same."""

from collections.abc import Sequence

from core.breeds.catalogue import Breed, names, plain

LETTERS = 4  # of a word that names a breed; the shortest of them are words of everyday talk
EVERYDAY = frozenset(
    {"dog", "dogs", "chien", "chienne", "chiens", "hund", "water", "eau", "small", "petit", "great", "grand"}
    | {"breed", "breeds", "race", "races", "mixed", "sans", "designer"}
    | {"hunde", "klein", "kleiner", "grosser", "rasse", "rassen", "mini"}
    | {"perro", "perra", "perros", "raza", "razas", "agua", "aguas", "gran", "grande", "pequeno", "pelo", "real"}
    | {"cachorro", "cachorra", "cachorros", "raca", "racas", "lata", "latas", "para"}
)


def is_called(breed: Breed, name: str) -> bool:
    """Whether a breed is called exactly that, accents and case aside."""
    return plain(name) in map(plain, names(breed))


def named_breeds(text: str, found: Sequence[Breed]) -> list[Breed]:
    """Those found whose name has a word of the text in full; a search would forgive slips, and so answer small talk."""
    words = {word for word in plain(text).split() if len(word) >= LETTERS} - EVERYDAY
    return [breed for breed in found if any(words & set(plain(name).split()) for name in names(breed))]
