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

from typing import TYPE_CHECKING

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
