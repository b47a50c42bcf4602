"""What can go wrong in this room, as facts that name the thing and what to do.

DatabaseError
├── DatabaseBusy          another process or unit held the write lock for too long: try again
├── DatabaseFull          no space left on the disk (or over the size limit)
├── DatabaseCorrupt       the file is damaged or is not an SQLite database
├── DatabaseUnwritable    folder or file cannot be created, opened or written
├── DatabaseUnavailable   no connection to the server, or an I/O error
├── SchemaTooOld          the tables wait for `breedbot db upgrade`
├── SchemaTooNew          the tables were written by a newer breedbot
├── RowMissing            a row that was named is not (or no longer) there
├── AlreadyDecided        somebody else has decided about this claim meanwhile
├── BreedNeeded           a claim that names no breed of the catalogue is accepted with one
├── CopyRefused           a database cannot be copied there; nothing was
├── AlreadyRunning        another retrain is under way
└── RetrainOver           a retrain was given up, or has ended, meanwhile
BadDatabaseUrl            (ValueError) a setting that names no usable database
PhotoStoreError
├── PhotoMissing          no photo of that hash is stored
├── PhotoStoreFull        no space left on the disk
├── PhotoStoreUnwritable  folder, file or bucket cannot be created, read or written
└── PhotoStoreUnavailable the object storage cannot be reached now, or too many files are open: try again
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.out_of_files import out_of_files

if TYPE_CHECKING:
    from db.chat.chat_records import ReviewRecord
    from db.learning.learning_records import RetrainRecord


class DatabaseError(Exception):
    """Root of the errors of the database."""


class DatabaseBusy(DatabaseError):
    """The write lock was not to be had in time; the same unit may succeed when tried again."""


class DatabaseFull(DatabaseError):
    """There is no space left where the database lives."""


class DatabaseCorrupt(DatabaseError):
    """The file is damaged or is something else than an SQLite database."""


class DatabaseUnwritable(DatabaseError):
    """The folder or file cannot be created, opened or written."""


class DatabaseUnavailable(DatabaseError):
    """The server cannot be reached or went away, or reading the disk failed."""


class SchemaTooOld(DatabaseError):
    """The tables are those of an older breedbot, or there are none yet."""


class SchemaTooNew(DatabaseError):
    """The tables are at a revision that this breedbot does not know."""


class RowMissing(DatabaseError):
    """A named row is not there, for instance because its user was forgotten meanwhile."""


class BreedNeeded(DatabaseError):
    """A claim that names no breed of the catalogue teaches nothing as it is; accept it with one, or reject it."""


class CopyRefused(DatabaseError):
    """The target has rows already, or gives a row back otherwise than the source; nothing was copied."""


class AlreadyDecided(DatabaseError):
    """The claim has a decision that stands; reopen it first to decide otherwise."""

    def __init__(self, standing: "ReviewRecord") -> None:
        """`standing`: that decision."""
        super().__init__(
            f"claim {standing.feedback_event_id} was {standing.decision} by {standing.reviewer} "
            f"on {standing.created_at:%Y-%m-%d %H:%M} UTC; reopen it first"
        )
        self.standing = standing


class AlreadyRunning(DatabaseError):
    """Only one retrain runs at a time."""

    def __init__(self, running: "RetrainRecord") -> None:
        """`running`: the other one."""
        super().__init__(
            f"retrain {running.id} runs since {running.started_at:%Y-%m-%d %H:%M} UTC "
            f"(process {running.pid} on {running.host}); wait until it ends"
        )
        self.running = running


class RetrainOver(DatabaseError):
    """The outcome came too late: the retrain was taken for dead, or had ended otherwise."""


class BadDatabaseUrl(ValueError):
    """The URL names no database that breedbot can use."""


class PhotoStoreError(Exception):
    """Root of the errors of the photo store."""


class PhotoMissing(PhotoStoreError, LookupError):
    """No photo of that hash is stored."""


class PhotoStoreFull(PhotoStoreError):
    """There is no space left for photos."""


class PhotoStoreUnwritable(PhotoStoreError):
    """A folder, file or bucket of the store cannot be created, read or written: somebody has to mend it."""


class PhotoStoreUnavailable(PhotoStoreError):
    """The object storage cannot be reached, or failed; the same may succeed when tried again."""


# Primary result codes, https://www.sqlite.org/rescode.html; the extended code keeps the primary one in its low byte.
_SQLITE: dict[int, tuple[type[DatabaseError], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseBusy, "is locked by another process; stop the other one or try again"),
    sqlite3.SQLITE_LOCKED: (DatabaseBusy, "is locked by another connection; try again"),
    sqlite3.SQLITE_FULL: (DatabaseFull, "cannot grow: the disk is full; free some space and start again"),
    sqlite3.SQLITE_CORRUPT: (DatabaseCorrupt, "is damaged; restore a backup or move the file away"),
    sqlite3.SQLITE_NOTADB: (DatabaseCorrupt, "is not an SQLite database; move the file away or choose another one"),
    sqlite3.SQLITE_CANTOPEN: (DatabaseUnwritable, "cannot be opened; check that its folder exists and is writable"),
    sqlite3.SQLITE_READONLY: (DatabaseUnwritable, "cannot be written; check the rights of the file and its folder"),
    sqlite3.SQLITE_PERM: (DatabaseUnwritable, "cannot be accessed; check the rights of the file and its folder"),
    sqlite3.SQLITE_IOERR: (DatabaseUnavailable, "cannot be read or written (disk I/O error); check the disk"),
}


# SQLSTATE or its class, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: dict[str, tuple[type[DatabaseError], str]] = {
    "25006": (DatabaseUnwritable, "is read-only here"),
    "40": (DatabaseBusy, "rolled the unit back in favour of another; try again"),
    "55P03": (DatabaseBusy, "is locked; try again"),
    "53100": (DatabaseFull, "cannot grow: the disk is full; free some space"),
    "53": (DatabaseBusy, "has no resources left, perhaps connections; try again"),
    "3D000": (DatabaseUnavailable, "does not exist on that server; create it"),
    "28": (DatabaseUnavailable, "does not let this user in; check name and password"),
    "57P": (DatabaseUnavailable, "is shutting down or starting; try again"),
    "08": (DatabaseUnavailable, "cannot be reached"),
}


def database_error(error: BaseException, place: str) -> DatabaseError | None:
    """The error of our tree that `error` means, or None if it means a mistake in the code.

    `place` is the database as people know it: a file, or a URL without its password.
    """
    if isinstance(error, PoolTimeoutError):
        return DatabaseBusy(f"database {place}: waited too long for a connection; units overlap or one never ends")
    if isinstance(error, OSError):
        return DatabaseUnavailable(f"database {place} cannot be reached: {error}")
    cause = error.orig if isinstance(error, DBAPIError) else error
    if known := _known(cause):
        kind, advice = known
        return kind(f"database {place} {advice} ({cause})")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseUnavailable(f"database {place} went away: {cause}")
    return None


def _known(cause: BaseException | None) -> tuple[type[DatabaseError], str] | None:
    """What the driver's error code says, if it is one that we have an answer to."""
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return _SQLITE.get(code & 0xFF)
    state = str(getattr(cause, "sqlstate", None) or "")
    return next((_POSTGRESQL[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRESQL), None)


@contextmanager
def explained(place: str, *, connecting: bool = False) -> Iterator[None]:
    """What goes wrong inside with the database at `place` is raised as one of our errors, if it is one.

    An OSError is the database's only while `connecting`; later it may come from anything that a unit does.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        known = database_error(error, place)
        if known is None or (isinstance(error, OSError) and not connecting):
            raise
        raise known from error


def photo_store_error(error: OSError, path: Path) -> PhotoStoreError:
    """The error of our tree for a failed file operation on `path`."""
    if out_of_files(error):
        return PhotoStoreUnavailable(f"photo store {path}: too many files are open ({error.strerror}); it is tried on")
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return PhotoStoreFull(f"photo store {path}: the disk is full; free some space ({error.strerror})")
    return PhotoStoreUnwritable(f"photo store {path} cannot be read or written: {error.strerror or error}")
