"""Settings: defaults in one folder, several forms of URL, every wrong value named at once, no password shown."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.errors import BadDatabaseUrl
from db.settings import DatabaseSettings
from db.url import database_url


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for key in ("DATA_DIR", "DATABASE_URL", "PHOTO_STORE"):
        monkeypatch.delenv(f"BREEDBOT_{key}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_by_default_everything_is_in_var() -> None:
    found = DatabaseSettings()

    assert found.data_dir == Path("var")
    assert found.database_url == "sqlite+aiosqlite:///var/breedbot.sqlite3"
    assert found.photo_store == Path("var/photos")


def test_everything_follows_the_data_dir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREEDBOT_DATA_DIR", "/srv/with space")
    found = DatabaseSettings()

    assert database_url(found.database_url).database == "/srv/with space/breedbot.sqlite3"
    assert found.photo_store == Path("/srv/with space/photos")


def test_the_env_file_is_read_and_unknown_keys_are_ignored(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BREEDBOT_DATA_DIR=elsewhere\nBREEDBOT_TELEGRAM_TOKEN=x\nPATH_TO=y\n")

    assert DatabaseSettings().data_dir == Path("elsewhere")


def test_empty_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREEDBOT_DATABASE_URL", "")
    monkeypatch.setenv("BREEDBOT_PHOTO_STORE", "")

    assert DatabaseSettings().database_url.endswith("var/breedbot.sqlite3")


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("sqlite+aiosqlite:////srv/x.db", "sqlite+aiosqlite:////srv/x.db"),
        ("postgresql://u:p@h:5433/n", "postgresql+asyncpg://u:p@h:5433/n"),
        ("postgres://h/n", "postgresql+asyncpg://h/n"),
        (" postgresql+asyncpg://u:p%40q@h/n ", "postgresql+asyncpg://u:p%40q@h/n"),
    ],
)
def test_several_forms_of_url_are_understood(monkeypatch: pytest.MonkeyPatch, given: str, understood: str) -> None:
    monkeypatch.setenv("BREEDBOT_DATABASE_URL", given)

    assert DatabaseSettings().database_url == understood


@pytest.mark.parametrize(
    "given",
    [
        "mysql://h/n", "breedbot.sqlite3", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true",
        "sqlite://var/x.db", "postgresql://h", "postgresql://h:port/n", "postgresql+psycopg://h/n", "http://h/n",
    ],
)  # fmt: skip
def test_any_other_url_is_refused_with_its_value_and_the_forms_to_use(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("BREEDBOT_DATABASE_URL", given)
    with pytest.raises(ValidationError) as refused:
        DatabaseSettings()

    message = str(refused.value)
    assert given[:7] in message
    assert "sqlite+aiosqlite:///FILE" in message


@pytest.mark.parametrize(
    "given", ["mysql://u:hunter2@h/n", "postgresql://u:hunter2@h:port/n", "postgresql://u:hunter2@h", "u:hunter2@h"]
)
def test_a_password_is_in_no_message(given: str) -> None:
    with pytest.raises(BadDatabaseUrl) as refused:
        database_url(given)

    assert "hunter2" not in str(refused.value)


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREEDBOT_DATABASE_URL", "postgresql://u:hunter2@h/n")
    found = DatabaseSettings()

    assert "hunter2" not in f"{found!r} {found}"
    assert "u:***@h" in repr(found)
    assert "hunter2" in found.database_url


def test_all_wrong_values_are_named_at_once_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BREEDBOT_DATA_DIR", "file")
    monkeypatch.setenv("BREEDBOT_DATABASE_URL", "mysql://h/n")
    monkeypatch.setenv("BREEDBOT_PHOTO_STORE", "ftp://host/photos")
    with pytest.raises(ValidationError) as refused:
        DatabaseSettings()

    wrong = {error["loc"]: error["msg"] for error in refused.value.errors()}
    assert list(wrong) == [("data_dir",), ("database_url",), ("photo_store",)]
    assert "s3://BUCKET/PREFIX" in wrong["photo_store",]


@pytest.mark.parametrize("given", ["s3://bucket/photos/", "gs://bucket", "az://container/photos"])
def test_photos_may_be_in_object_storage(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("BREEDBOT_PHOTO_STORE", given)

    assert DatabaseSettings().photo_store == given.rstrip("/")


@pytest.mark.parametrize("given", ["s3://", "s3://key:hunter2@bucket/photos", "s3://bucket/x?secret=hunter2"])
def test_a_bucket_url_has_a_bucket_and_no_secrets(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("BREEDBOT_PHOTO_STORE", given)
    with pytest.raises(ValidationError, match=r"give s3://BUCKET/PREFIX") as refused:
        DatabaseSettings()

    assert "hunter2" not in str(refused.value)


def test_it_can_be_inherited_together_with_other_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    class OtherSettings(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="BREEDBOT_", extra="ignore", frozen=True)
        language: str = "en"
        http_port: int = 8081

    class Together(DatabaseSettings, OtherSettings):
        pass

    monkeypatch.setenv("BREEDBOT_DATA_DIR", "here")
    monkeypatch.setenv("BREEDBOT_LANGUAGE", "fr")
    found = Together()

    assert (found.language, found.photo_store) == ("fr", Path("here/photos"))
    monkeypatch.setenv("BREEDBOT_HTTP_PORT", "x")
    with pytest.raises(ValidationError) as refused:
        Together()
    assert refused.value.error_count() == 1
