"""The settings of this room: where data lives. `BREEDBOT_…` in the environment or in `.env`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.errors import BadDatabaseUrl
from db.url import database_url, shown, sqlite_url

PREFIX = "BREEDBOT_"


def _database_url(value: str) -> str:
    try:
        return database_url(value).render_as_string(hide_password=False)
    except BadDatabaseUrl as error:
        raise ValueError(f"{PREFIX}DATABASE_URL={error}") from None


def _folder(value: Any, info: ValidationInfo) -> Path:
    text, key = str(value), f"{PREFIX}{(info.field_name or '').upper()}"
    scheme, colon, _ = text.partition("://")
    if colon and scheme != "file":
        raise ValueError(f"{key}={scheme}://…: {scheme} is not yet supported; give a folder")
    folder = Path(text.removeprefix("file://")).expanduser()
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{key}={text}: this is a file; give a folder")
    return folder


class DatabaseSettings(BaseSettings):
    """Where the database and the photos are. Made to be inherited together with the settings of other rooms."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    data_dir: Annotated[Path, BeforeValidator(_folder)] = Path("var")
    """Everything the bot writes."""
    database_url: Annotated[str, AfterValidator(_database_url)] = "sqlite+aiosqlite:///var/breedbot.sqlite3"
    """With the driver that breedbot uses, and with its password: never log it. Default: in `data_dir`."""
    photo_store: Annotated[Path, BeforeValidator(_folder)] = Path("var/photos")
    """A folder. Default: in `data_dir`."""

    @model_validator(mode="after")
    def _inside_data_dir(self) -> Self:
        # Not default factories: pydantic reports one that depends on another field whenever any field is wrong.
        if "database_url" not in self.model_fields_set:
            self.__dict__["database_url"] = sqlite_url(self.data_dir / "breedbot.sqlite3")
        if "photo_store" not in self.model_fields_set:
            self.__dict__["photo_store"] = self.data_dir / "photos"
        return self

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Without the password."""
        for name, value in super().__repr_args__():
            yield name, shown(database_url(value)) if name == "database_url" else value
