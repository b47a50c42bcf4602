"""The host's own breeds, beside those that ship: a file that processes are told of and follow.

It looks like the list of the catalogue that ships: ``{"breeds": [{slug, name_en, name_fr, group, aliases,
stanford_folder}]}``, with further names (``name_de``) where the host gave them. Where a later version of the
package ships a breed that the host had added, its own entry counts.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.atomic_file import write_whole
from core.breeds.catalogue import (
    Breed,
    Catalogue,
    CatalogueError,
    Edition,
    breed_entry,
    checked_edition,
    names,
    parse_breed,
    parse_breeds,
    plain,
    shipped_catalogue,
    use_catalogue,
)

SHOWN = 200  # letters of what is wrong with the file

log = logging.getLogger(__name__)

Stamp = tuple[int, int] | None


def use_own_breeds(path: Path) -> "OwnCatalogue":
    """Let `catalogue` know the breeds of this file too, from now on and in this process; it need not exist yet."""
    own = OwnCatalogue(path)
    use_catalogue(own)
    return own


class OwnCatalogue(Catalogue):
    """The breeds that ship and the host's own. What another process adds is known here at the next look.

    Raises:
        CatalogueError: at the first look, if the file is damaged or contradicts what ships. If that happens later, what
            was known stays and the log says so.
    """

    def __init__(self, path: Path) -> None:
        """Look at nothing yet."""
        self._path = path
        self._shipped = shipped_catalogue().edition
        self._known: tuple[Stamp, Edition] | None = None

    @property
    def edition(self) -> Edition:
        """What ships and what the file adds to it now."""
        stamp, known = self._stamp(), self._known
        if known is None or known[0] != stamp:
            known = self._known = (stamp, self._read(known[1] if known else None))
        return known[1]

    def add(self, breed: Breed) -> None:
        """Write a breed into the file, atomically and after whoever is writing there now.

        Raises:
            CatalogueError: it, or one of its names, is there already, its group is unknown, or the file is damaged.
            OSError: the file cannot be written; it is as it was.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(self._path.parent):
            own = self._own()
            self._merged([*own, breed], new=breed)
            _write(self._path, sorted([*own, breed], key=lambda one: one.slug))

    def _read(self, before: Edition | None) -> Edition:
        try:
            own = self._own()
            return self._merged(own) if own else self._shipped
        except CatalogueError as error:
            if before is None:
                raise
            log.warning("the breeds that were known before stay: %s", error)
            return before

    def _own(self) -> list[Breed]:
        try:
            return parse_breeds(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError, RecursionError, CatalogueError) as error:
            raise CatalogueError(f"{self._path}: {str(error)[:SHOWN]}; correct it or take it away") from error

    def _merged(self, own: Sequence[Breed], new: Breed | None = None) -> Edition:
        added = [breed for breed in own if breed.slug not in self._shipped.by_slug]
        if new is not None and [breed.slug for breed in added].count(new.slug) != 1:
            raise CatalogueError(f"{new.slug} is in the catalogue already; `breedbot breeds` lists it")
        owners = dict(self._shipped.owners)
        for breed in added:  # the new one last, so that it takes the blame
            for name in {plain(name): name for name in names(breed)}.values():
                if (owner := owners.setdefault(plain(name), breed.slug)) != breed.slug:
                    raise CatalogueError(f"{self._blamed(breed, new)}: {name!r} is a name of {owner} already")
        breeds = sorted([*self._shipped.by_slug.values(), *added], key=lambda breed: breed.slug)
        try:
            return checked_edition(breeds, list(self._shipped.groups.values()))
        except CatalogueError as error:
            raise CatalogueError(str(error) if new is not None else f"{self._path}: {error}") from error

    def _blamed(self, breed: Breed, new: Breed | None) -> str:
        return breed.slug if breed is new else f"{self._path}: {breed.slug}"

    def _stamp(self) -> Stamp:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def new_breed(slug: str, *, named: Mapping[str, str], group: str, aliases: Sequence[str] = ()) -> Breed:
    """A breed that Stanford Dogs does not have; raises CatalogueError for what can be no slug or name."""
    return parse_breed("the new breed", breed_entry(Breed(slug, named, group, tuple(aliases), None)))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, breeds: Sequence[Breed]) -> None:
    rows = ",\n".join(json.dumps(breed_entry(breed), ensure_ascii=False) for breed in breeds)
    write_whole(path, f'{{"breeds": [\n{rows}\n]}}\n'.encode())
