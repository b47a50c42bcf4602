"""Database URLs: which forms are understood, and what each becomes."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from db.errors import BadDatabaseUrl

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
FORMS = "use sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME"


def sqlite_url(path: Path) -> str:
    """The URL of a database file."""
    return URL.create("sqlite+aiosqlite", database=str(path)).render_as_string(hide_password=False)


def database_url(text: str) -> URL:
    """`text` with the driver that breedbot uses. Raises BadDatabaseUrl; its message never holds a password."""
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        # What cannot be parsed may hold a password anywhere before an @.
        raise BadDatabaseUrl(f"{'…' if '@' in text else text}: not a URL; {FORMS}") from None
    if url.drivername not in DRIVERS:
        raise BadDatabaseUrl(f"{shown(url)}: unknown kind of database {url.drivername!r}; {FORMS}")
    if not url.database:
        raise BadDatabaseUrl(f"{shown(url)}: names no database; {FORMS}")
    if is_sqlite(url) and (":memory:" in url.database or url.database.startswith("file:") or url.host):
        raise BadDatabaseUrl(f"{shown(url)}: breedbot needs a file on this machine, with three slashes; {FORMS}")
    if "sslmode" in url.query:  # what every other client of PostgreSQL calls it
        url = url.set(query={("ssl" if key == "sslmode" else key): value for key, value in url.query.items()})
    return url.set(drivername=DRIVERS[url.drivername])


def is_sqlite(url: URL) -> bool:
    """Whether it is a file of ours rather than a server."""
    return url.get_backend_name() == "sqlite"


def exists(url: URL) -> bool:
    """Whether the file is there; a server is taken to be."""
    return not is_sqlite(url) or Path(url.database or "").exists()


def shown(url: URL) -> str:
    """The URL for people to read: without its password."""
    return url.render_as_string(hide_password=True)


def place(url: URL) -> str:
    """Where the database is, for error messages: the file's whole path, or the URL without its password."""
    return str(Path(url.database or "").absolute()) if is_sqlite(url) else shown(url)
