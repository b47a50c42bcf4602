"""The settings of this room: where data lives. `BREEDBOT_…` in the environment or in `.env`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.place import folder, folder_or_bucket
from db.engine import SERVER_CONNECTIONS
from db.url import database_url, shown, sqlite_url

PREFIX = "BREEDBOT_"


def _database_url(value: str) -> str:
    return database_url(value).render_as_string(hide_password=False)


class DatabaseSettings(BaseSettings):
    """Where the database and the photos are. Made to be inherited together with the settings of other rooms."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    data_dir: Annotated[Path, BeforeValidator(folder)] = Path("var")
    """Everything the bot writes."""
    database_url: Annotated[str, AfterValidator(_database_url)] = "sqlite+aiosqlite:///var/breedbot.sqlite3"
    """With the driver that breedbot uses, and with its password: never log it. Default: in `data_dir`."""
    database_pool: Annotated[int, Field(ge=1, le=1000)] = SERVER_CONNECTIONS
    """Connections to a PostgreSQL server for what writes, and as many again for what only reads, of each process."""
    photo_store: Annotated[Path | str, BeforeValidator(folder_or_bucket)] = Path("var/photos")
    """A folder, or as text the URL of a bucket. Default: in `data_dir`."""

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
