"""The settings of this room: where data lives. `BREEDBOT_…` in the environment or in `.env`."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.errors import BadDatabaseUrl
from db.url import database_url, shown, sqlite_url


def _database_url(value: str) -> str:
    try:
        return database_url(value).render_as_string(hide_password=False)
    except BadDatabaseUrl as error:
        raise ValueError(f"BREEDBOT_DATABASE_URL {error}") from None


def _folder(key: str, value: Any) -> Any:
    text = str(value)
    if text.startswith("file://"):
        return Path(text.removeprefix("file://"))
    if "://" in text:
        scheme = text.partition("://")[0]
        raise ValueError(f"{key}={scheme}://…: {scheme} is not yet supported; give a folder")
    if Path(text).exists() and not Path(text).is_dir():
        raise ValueError(f"{key}={text}: this is a file; give a folder")
    return value


def _data_dir(value: Any) -> Any:
    return _folder("BREEDBOT_DATA_DIR", value)


def _photo_store(value: Any) -> Any:
    return _folder("BREEDBOT_PHOTO_STORE", value)


class DatabaseSettings(BaseSettings):
    """Where the database and the photos are. Made to be inherited together with the settings of other rooms."""

    model_config = SettingsConfigDict(
        env_prefix="BREEDBOT_", env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    data_dir: Annotated[Path, BeforeValidator(_data_dir)] = Path("var")
    """Everything the bot writes."""
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default_factory=lambda data: sqlite_url(data["data_dir"] / "breedbot.sqlite3")
    )
    """With the driver breedbot uses, and with its password: never log it."""
    photo_store: Annotated[Path, BeforeValidator(_photo_store)] = Field(
        default_factory=lambda data: data["data_dir"] / "photos"
    )
    """A folder."""

    def __repr_args__(self) -> Any:
        """Without the password."""
        for name, value in super().__repr_args__():
            yield name, shown(database_url(value)) if name == "database_url" else value
