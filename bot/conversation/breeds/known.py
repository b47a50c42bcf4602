"""Which breeds the model that answers now can name, and whether somebody asks for that."""

from typing import Final

from core.breeds.catalogue import MIXED_BREED, catalogue, plain, teachable_labels
from db.database import Database
from db.unit import Unit

Known = frozenset[str] | None
"""Slugs; None: nobody knows, as no model was registered yet."""

_BREEDS: Final = frozenset({"breeds", "races", "rassen", "hunderassen", "razas", "racas"})
_DOGS: Final = frozenset({"dogs", "chiens", "hunde", "perros", "caes", "cachorros"})
_ASKED: Final = frozenset(
    {"which", "what", "many", "list", "all"}
    | {"quelle", "quelles", "quels", "combien", "liste", "toutes", "tous"}
    | {"welche", "viele", "wieviele", "alle"}
    | {"que", "cuales", "cuantas", "cuantos", "lista", "todas", "todos", "quais", "quantas", "quantos"}
)
_KNOW: Final = frozenset(
    {"know", "recognise", "recognize", "identify", "detect", "support", "supported", "tell"}
    | {"connais", "connaissez", "connait", "reconnais", "reconnaitre", "reconnaissez", "sais"}
    | {"kennst", "kennt", "erkennst", "erkennt", "erkennen"}
    | {"conoces", "conoce", "reconoces", "reconoce", "sabes", "conhece", "conheces", "reconhece", "sabe"}
)


async def known_breeds(database: Database) -> Known:
    """Read them: labels of the champion that the catalogue has."""
    async with database.unit(read_only=True) as unit:
        return await breeds_known(unit)


async def breeds_known(unit: Unit) -> Known:
    """The same, within a unit."""
    champion = await unit.model_versions.champion()
    labels = champion.manifest.get("labels") if champion is not None else None
    return frozenset(labels) & teachable_labels() & catalogue().keys() if isinstance(labels, list) else None


def breed_count() -> int:
    """How many breeds have a name here; a mix is none."""
    return len(catalogue().keys() - {MIXED_BREED})


def asks_for_breeds(text: str) -> bool:
    """Whether a text is the question: "which breeds do you know?", "tu reconnais quelles races ?", "list of breeds".

    "What breed is this?" is not: that wants a photo.
    """
    words = set(plain(text).split())
    knows, asked = words & _KNOW, words & _ASKED
    return bool((words & _BREEDS and (knows or asked or words <= _BREEDS)) or (words & _DOGS and knows and asked))
