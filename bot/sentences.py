"""The catalogues of bot/locales as files: read, and held to English before anybody sees a sentence of them."""

import logging
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

ENGLISH = "en"
COUNT = "count"  # may be left out of all forms but the last: "one photo" needs no number

log = logging.getLogger(__name__)


def read_translations(folder: Path) -> dict[str, Translations]:
    """Every ``<language>.po`` by language. A sentence that would be shown broken is logged and left out."""
    catalogs = {path.stem: read_catalog(path) for path in sorted(folder.glob("*.po"))}
    english = {key_of(message): message for message in _messages(catalogs.get(ENGLISH, Catalog()))}
    for language, catalog in catalogs.items():
        for key, problem in list(slips(catalog, english)):
            log.error("text %r in %r %s: English is shown instead", key, language, problem)
            catalog.delete(key)
    return {language: _compiled(catalog) for language, catalog in catalogs.items()}


def read_catalog(path: Path) -> Catalog:
    """One language; its code is the file's name."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def slips(catalog: Catalog, english: Mapping[str, Message]) -> Iterator[tuple[str, str]]:
    """Keys of sentences that cannot be filled with what English is filled with, and what is wrong with each."""
    for message in _messages(catalog):
        key = key_of(message)
        try:
            problem = _problem(message, english[key]) if key in english else None
        except ValueError as error:
            problem = f"is no template ({error})"
        if problem:
            yield key, problem


def key_of(message: Message) -> str:
    """What code asks for it by."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms_of(message: Message) -> tuple[str, ...]:
    """The sentence in each plural form; one, where it has none."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def placeholders(sentence: str) -> set[str]:
    """Names in braces; raises ValueError for a brace that is not closed."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def _problem(message: Message, english: Message) -> str | None:
    wanted = set().union(*map(placeholders, forms_of(english)))
    forms = [placeholders(form) for form in forms_of(message)]
    for number, found in enumerate(forms, 1):
        optional = {COUNT} if number < len(forms) else set()
        if unknown := found - wanted:
            return f"has the unknown {{{min(unknown)}}}"
        if missing := wanted - found - optional:
            return f"lacks {{{min(missing)}}}"
    return None


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _compiled(catalog: Catalog) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
