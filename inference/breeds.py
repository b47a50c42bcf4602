"""The breeds that have a name here: slug, display names, group, aliases and Stanford Dogs folder.

Names and groups follow the Fédération Cynologique Internationale (https://www.fci.be/en/nomenclature/); English names
are those of the kennel clubs. Three mappings of the Stanford Dogs classes, which are ImageNet's, are less than obvious:
`toy_terrier` is the English Toy Terrier, `Blenheim_spaniel` (a colour) the Cavalier King Charles Spaniel, and
`Brabancon_griffon` (the smooth variety) the Brussels Griffon.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final

NOT_A_DOG: Final = "not_a_dog"
_SLUG = re.compile(r"[a-z]+(_[a-z]+)*")
_STANFORD_FOLDER = re.compile(r"n\d{8}-[A-Za-z_-]+")


class CatalogueError(ValueError):
    """The file of breeds is wrong; the message names the breed, the key and the value."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the kennel club, or of what it leaves out."""

    slug: str
    name_en: str
    name_fr: str

    def name(self, language: str) -> str:
        """Display name: French for ``fr``, English for anything else."""
        return self.name_fr if language == "fr" else self.name_en


@dataclass(frozen=True, slots=True)
class Breed:
    """One breed.

    Attributes:
        slug: the classifier's label and the name of its photo folder.
        group: slug of its `Group`.
        aliases: other names in both languages; each leads to this breed only.
        stanford_folder: its folder in Stanford Dogs, e.g. ``n02085620-Chihuahua``; None outside the 120.
    """

    slug: str
    name_en: str
    name_fr: str
    group: str
    aliases: tuple[str, ...]
    stanford_folder: str | None

    def name(self, language: str) -> str:
        """Display name: French for ``fr``, English for anything else."""
        return self.name_fr if language == "fr" else self.name_en


class Catalogue(Mapping[str, Breed]):
    """Every breed by its slug, in the order of the slugs.

    Raises:
        CatalogueError: two breeds share a slug, a name, an alias or a folder, or the order or a group is wrong.
    """

    def __init__(self, breeds: Sequence[Breed], groups: Sequence[Group]) -> None:
        """Check that everything leads to one breed only."""
        self.groups: Final[Mapping[str, Group]] = {group.slug: group for group in groups}
        self._by_slug = {breed.slug: breed for breed in breeds}
        self._by_folder = {breed.stanford_folder: breed for breed in breeds if breed.stanford_folder}
        slugs = [breed.slug for breed in breeds]
        if slugs != sorted(slugs):
            raise CatalogueError(f"breeds are not sorted by slug: {_first_unsorted(slugs)!r} comes too late")
        for breed in breeds:
            if breed.group not in self.groups:
                raise CatalogueError(f"{breed.slug}: group={breed.group!r} is not one of {', '.join(self.groups)}")
        _refuse_shared(breeds, "slug", lambda breed: {breed.slug})
        _refuse_shared(breeds, "stanford_folder", lambda breed: {breed.stanford_folder} - {None})
        _refuse_shared(breeds, "name or alias", lambda breed: {plain(name) for name in names(breed)})

    def __getitem__(self, slug: str) -> Breed:
        """Find a breed by slug; KeyError if there is none."""
        return self._by_slug[slug]

    def __iter__(self) -> Iterator[str]:
        """Walk over the slugs in order."""
        return iter(self._by_slug)

    def __len__(self) -> int:
        """Count the breeds."""
        return len(self._by_slug)

    def by_stanford_folder(self, name: str) -> Breed:
        """Find a breed by its folder's full name (``n02085620-Chihuahua``); KeyError if there is none."""
        return self._by_folder[name]


@cache
def catalogue() -> Catalogue:
    """Read the breeds that ship with the package.

    Raises:
        CatalogueError: the file is damaged.
    """
    return parse_catalogue(resources.files("inference").joinpath("breeds.json").read_text(encoding="utf-8"))


def parse_catalogue(text: str) -> Catalogue:
    """Read a catalogue from JSON: ``{"groups": {slug: {name_en, name_fr}}, "breeds": [{slug, …}]}``.

    Raises:
        CatalogueError: anything is missing, unknown, of a wrong type or not unique.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise CatalogueError(f"the file of breeds is not JSON: {error}") from error
    fields = _Fields("the file of breeds", document, {"groups", "breeds"})
    groups = [_group(slug, entry) for slug, entry in fields.get("groups", dict).items()]
    return Catalogue([_breed(position, entry) for position, entry in enumerate(fields.get("breeds", list))], groups)


def names(breed: Breed) -> tuple[str, ...]:
    """Everything that a breed is called: both names, the slug in words, the aliases."""
    return breed.name_en, breed.name_fr, breed.slug.replace("_", " "), *breed.aliases


def plain(name: str) -> str:
    """Reduce a name to what people type, without case, accents and marks: "Lévrier d’Écosse" → "levrier d ecosse"."""
    unaccented = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", unaccented.replace("œ", "oe").replace("æ", "ae").replace("_", " ")))


def _group(slug: str, entry: object) -> Group:
    fields = _Fields(f"group {slug}", entry, {"name_en", "name_fr"})
    return Group(slug, fields.text("name_en"), fields.text("name_fr"))


def _breed(position: int, entry: object) -> Breed:
    keys = {"slug", "name_en", "name_fr", "group", "aliases", "stanford_folder"}
    slug = _Fields(f"breed number {position + 1}", entry, keys).text("slug", _SLUG)
    if slug == NOT_A_DOG:
        raise CatalogueError(f"breed number {position + 1}: slug={slug!r} is a label, not a breed")
    fields = _Fields(slug, entry, keys)
    aliases = fields.get("aliases", list)
    if not all(isinstance(alias, str) and alias.strip() == alias != "" for alias in aliases):
        raise CatalogueError(f"{slug}: aliases={aliases!r}: expected a list of non-empty texts")
    folder = fields.text("stanford_folder", _STANFORD_FOLDER) if fields.entry["stanford_folder"] is not None else None
    return Breed(slug, fields.text("name_en"), fields.text("name_fr"), fields.text("group"), tuple(aliases), folder)


class _Fields:
    """A JSON object with exactly the given keys, read with checks."""

    def __init__(self, owner: str, entry: object, keys: set[str]) -> None:
        if not isinstance(entry, dict):
            raise CatalogueError(f"{owner}: expected an object, got {entry!r}")
        if wrong := entry.keys() ^ keys:
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


def _refuse_shared(breeds: Sequence[Breed], what: str, values_of: Callable[[Breed], set[Any]]) -> None:
    owners: dict[str, str] = {}
    for breed in breeds:
        for value in values_of(breed):
            if value in owners:
                raise CatalogueError(f"{breed.slug}: {what} {value!r} belongs to {owners[value]} already")
            owners[value] = breed.slug


def _first_unsorted(slugs: Sequence[str]) -> str:
    return next(later for earlier, later in pairwise(slugs) if later < earlier)
