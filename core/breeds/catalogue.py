"""The breeds that have a name here: slug, display names, group, aliases and Stanford Dogs folder.

Names and groups follow the Fédération Cynologique Internationale (https://www.fci.be/en/nomenclature/), which names
breeds in English, French, German and Spanish; English names are those of the kennel clubs, Portuguese ones those that
Brazil's and Portugal's use. Where no name is in use in a language, the English one stands.

Three mappings of the Stanford Dogs classes, which are ImageNet's, are less than obvious: `toy_terrier` is the English
Toy Terrier, `Blenheim_spaniel` (a colour) the Cavalier King Charles Spaniel, and `Brabancon_griffon` the Brussels
Griffon, whose smooth variety is a breed of its own for the FCI.

Every breed of the FCI is here, recognised definitively or provisionally; beside them `mixed_breed`, for a dog of
none. Where the classes are finer than its standards (poodles, Belgian shepherds, German spitz) each class is a breed;
what a card says about them is in `breed_facts.py`.
"""

import json
import re
import unicodedata
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, Sequence, ValuesView
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final

NOT_A_DOG: Final = "not_a_dog"
MIXED_BREED: Final = "mixed_breed"  # in the catalogue, so that people can say it; no label of any model
SLUG_LETTERS: Final = 40  # so that a button of 64 bytes can carry it; the longest that ships has 36
NAME_LETTERS: Final = 60
_SLUG = re.compile(r"[a-z]+(_[a-z]+)*")
_STANFORD_FOLDER = re.compile(r"n\d{8}-[A-Za-z_-]+")
LANGUAGES: Final = ("en", "fr", "de", "es", "pt")
ALWAYS: Final = ("en", "fr")  # what every breed and group is named in, the host's own too


class CatalogueError(ValueError):
    """The file of breeds is wrong; the message names the breed, the key and the value."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the kennel club, or of what it leaves out. ``named``: display names by language."""

    slug: str
    named: Mapping[str, str] = field(hash=False)

    def name(self, language: str) -> str:
        """Display name, the English one where there is none in this language."""
        return self.named.get(language, self.named["en"])


@dataclass(frozen=True, slots=True)
class Breed:
    """One breed.

    Attributes:
        slug: the classifier's label and the name of its photo folder.
        named: display names by language; always in English and French.
        group: slug of its `Group`.
        aliases: other names in any language; each leads to this breed only.
        stanford_folder: its folder in Stanford Dogs, e.g. ``n02085620-Chihuahua``; None outside the 120.
    """

    slug: str
    named: Mapping[str, str] = field(hash=False)
    group: str
    aliases: tuple[str, ...]
    stanford_folder: str | None

    def name(self, language: str) -> str:
        """Display name, the English one where there is none in this language."""
        return self.named.get(language, self.named["en"])


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """What a catalogue says at one time.

    Attributes:
        by_slug: in the order of the slugs.
        by_folder: by folder of Stanford Dogs.
        owners: plain name or alias → slug.
    """

    groups: Mapping[str, Group]
    by_slug: Mapping[str, Breed]
    by_folder: Mapping[str, Breed]
    owners: Mapping[str, str]


class Catalogue(Mapping[str, Breed]):
    """Every breed by its slug, in the order of the slugs.

    Raises:
        CatalogueError: two breeds share a slug, a name, an alias or a folder, or the order or a group is wrong.
    """

    def __init__(self, breeds: Sequence[Breed], groups: Sequence[Group]) -> None:
        """Check that everything leads to one breed only."""
        self._edition = checked_edition(breeds, groups)

    @property
    def edition(self) -> Edition:
        """What it says now: the same object for as long as it says the same."""
        return self._edition

    @property
    def groups(self) -> Mapping[str, Group]:
        """Groups by slug, in the FCI's order."""
        return self.edition.groups

    def __getitem__(self, slug: str) -> Breed:
        """Find a breed by slug; KeyError if there is none."""
        return self.edition.by_slug[slug]

    def __iter__(self) -> Iterator[str]:
        """Walk over the slugs in order."""
        return iter(self.edition.by_slug)

    def __len__(self) -> int:
        """Count the breeds."""
        return len(self.edition.by_slug)

    # Views of one edition: those of `Mapping` would look every slug up in whatever is current by then.
    def keys(self) -> KeysView[str]:
        """Slugs."""
        return self.edition.by_slug.keys()

    def values(self) -> ValuesView[Breed]:
        """Breeds in the order of their slugs."""
        return self.edition.by_slug.values()

    def items(self) -> ItemsView[str, Breed]:
        """Slugs and breeds."""
        return self.edition.by_slug.items()

    def by_stanford_folder(self, name: str) -> Breed:
        """Find a breed by its folder's full name (``n02085620-Chihuahua``); KeyError if there is none."""
        return self.edition.by_folder[name]


class _Current:
    """Which catalogue this process goes by."""

    def __init__(self) -> None:
        self.catalogue: Catalogue | None = None


_CURRENT = _Current()


def catalogue() -> Catalogue:
    """The breeds that ship with the package, and the host's own where `own_breeds.use_own_breeds` was called.

    Raises:
        CatalogueError: a file is damaged.
    """
    current = _CURRENT.catalogue
    return current if current is not None else shipped_catalogue()  # not `or`: that would count the breeds


def use_catalogue(chosen: Catalogue | None) -> None:
    """Let `catalogue` answer this from now on; None: what ships. For the start of a process, and for tests."""
    _CURRENT.catalogue = chosen


def teachable_labels() -> frozenset[str]:
    """What a model may answer: every breed and `not_a_dog`. Mixes look like anything: they are no class to learn."""
    return frozenset(catalogue()) - {MIXED_BREED} | {NOT_A_DOG}


@cache
def shipped_catalogue() -> Catalogue:
    """Read the breeds that ship with the package.

    Raises:
        CatalogueError: the file is damaged.
    """
    return parse_catalogue(resources.files("core.breeds").joinpath("breeds.json").read_text(encoding="utf-8"))


def checked_edition(breeds: Sequence[Breed], groups: Sequence[Group]) -> Edition:
    """Put breeds together; raises CatalogueError as `Catalogue` does."""
    by_group = {group.slug: group for group in groups}
    slugs = [breed.slug for breed in breeds]
    if slugs != sorted(slugs):
        raise CatalogueError(f"breeds are not sorted by slug: {_first_unsorted(slugs)!r} comes too late")
    for breed in breeds:
        if breed.group not in by_group:
            raise CatalogueError(f"{breed.slug}: group={breed.group!r} is not one of {', '.join(by_group)}")
    _sole_owners(breeds, "slug", lambda breed: {breed.slug})
    _sole_owners(breeds, "stanford_folder", lambda breed: {breed.stanford_folder} - {None})
    owners = _sole_owners(breeds, "name or alias", lambda breed: {plain(name) for name in names(breed)})
    by_folder = {breed.stanford_folder: breed for breed in breeds if breed.stanford_folder}
    return Edition(by_group, {breed.slug: breed for breed in breeds}, by_folder, owners)


def parse_catalogue(text: str) -> Catalogue:
    """Read a catalogue from JSON: ``{"groups": {slug: {name_en, name_fr, …}}, "breeds": [{slug, …}]}``.

    Raises:
        CatalogueError: anything is missing, unknown, of a wrong type or not unique.
    """
    fields = _Fields("the file of breeds", _json(text), {"groups", "breeds"})
    groups = [_group(slug, entry) for slug, entry in fields.get("groups", dict).items()]
    return Catalogue(_breeds(fields.get("breeds", list)), groups)


def parse_breeds(text: str) -> list[Breed]:
    """Read breeds alone from JSON: ``{"breeds": [{slug, …}]}``.

    Raises:
        CatalogueError: anything is missing, unknown or of a wrong type.
    """
    return _breeds(_Fields("the file of breeds", _json(text), {"breeds"}).get("breeds", list))


def parse_breed(owner: str, entry: object) -> Breed:
    """Read one breed from what JSON made of it; `owner` is what errors call it while its slug is not known.

    Raises:
        CatalogueError: anything is missing, unknown or of a wrong type.
    """
    keys = {"slug", "group", "aliases", "stanford_folder"}
    slug = _Fields(owner, entry, keys, named=True).text("slug", _SLUG)
    if slug == NOT_A_DOG:
        raise CatalogueError(f"{owner}: slug={slug!r} is a label, not a breed")
    if len(slug) > SLUG_LETTERS:
        raise CatalogueError(f"{owner}: slug={slug!r}: longer than {SLUG_LETTERS} letters")
    fields = _Fields(slug, entry, keys, named=True)
    aliases = fields.get("aliases", list)
    if not all(isinstance(alias, str) and _is_name(alias) for alias in aliases):
        raise CatalogueError(f"{slug}: aliases={aliases!r}: expected a list of names")
    folder = fields.text("stanford_folder", _STANFORD_FOLDER) if fields.entry["stanford_folder"] is not None else None
    return Breed(slug, fields.named(), fields.text("group"), tuple(aliases), folder)


def breed_entry(breed: Breed) -> dict[str, Any]:
    """What `parse_breed` reads: an object for JSON."""
    named = {f"name_{language}": name for language, name in breed.named.items()}
    facts = {"group": breed.group, "aliases": list(breed.aliases), "stanford_folder": breed.stanford_folder}
    return {"slug": breed.slug, **named, **facts}


def names(breed: Breed) -> tuple[str, ...]:
    """Everything that a breed is called: its names, the slug in words, the aliases."""
    return *breed.named.values(), breed.slug.replace("_", " "), *breed.aliases


def plain(name: str) -> str:
    """Reduce a name to what people type, without case, accents and marks: "Lévrier d’Écosse" → "levrier d ecosse"."""
    unaccented = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", unaccented.replace("œ", "oe").replace("æ", "ae").replace("_", " ")))


def _group(slug: str, entry: object) -> Group:
    return Group(slug, _Fields(f"group {slug}", entry, set(), named=True).named())


def _breeds(entries: list[object]) -> list[Breed]:
    return [parse_breed(f"breed number {position}", entry) for position, entry in enumerate(entries, 1)]


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise CatalogueError(f"the file of breeds is not JSON: {error}") from error


def _is_name(text: str) -> bool:
    return bool(plain(text)) and text.strip() == text and text.isprintable() and len(text) <= NAME_LETTERS


class _Fields:
    """A JSON object with exactly the given keys, read with checks. ``named``: it also has names, as ``name_en``."""

    def __init__(self, owner: str, entry: object, keys: set[str], *, named: bool = False) -> None:
        if not isinstance(entry, dict):
            raise CatalogueError(f"{owner}: expected an object, got {entry!r}")
        allowed = {f"name_{language}" for language in LANGUAGES} & entry.keys() if named else set()
        required = {f"name_{language}" for language in ALWAYS} if named else set()
        if wrong := entry.keys() ^ (keys | allowed | required):
            raise CatalogueError(f"{owner}: missing or unknown: {', '.join(sorted(wrong))}")
        self._owner = owner
        self.entry: dict[str, Any] = entry

    def get(self, key: str, kind: type) -> Any:
        value = self.entry[key]
        if not isinstance(value, kind):
            raise CatalogueError(f"{self._owner}: {key}={value!r}: expected a {kind.__name__}")
        return value

    def text(self, key: str, pattern: re.Pattern[str] | None = None) -> str:
        value: str = self.get(key, str)
        if not value or value.strip() != value or (pattern and not pattern.fullmatch(value)):
            raise CatalogueError(f"{self._owner}: {key}={value!r}: not a valid {key}")
        return value

    def named(self) -> dict[str, str]:
        return {language: self.name(key) for language in LANGUAGES if (key := f"name_{language}") in self.entry}

    def name(self, key: str) -> str:
        value = self.text(key)
        if not _is_name(value):
            raise CatalogueError(f"{self._owner}: {key}={value!r}: expected a name of at most {NAME_LETTERS} letters")
        return value


def _sole_owners(breeds: Sequence[Breed], what: str, values_of: Callable[[Breed], set[Any]]) -> Mapping[str, str]:
    owners: dict[str, str] = {}
    for breed in breeds:
        for value in values_of(breed):
            if value in owners:
                raise CatalogueError(f"{breed.slug}: {what} {value!r} belongs to {owners[value]} already")
            owners[value] = breed.slug
    return owners


def _first_unsorted(slugs: Sequence[str]) -> str:
    return next(later for earlier, later in pairwise(slugs) if later < earlier)
