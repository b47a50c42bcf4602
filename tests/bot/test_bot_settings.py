"""Settings of the bot: sound defaults, and wrong values are all named at once."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from bot.settings import BotSettings, explain

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz012345"


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> BotSettings:
    for name, value in environment.items():
        monkeypatch.setenv(f"BREEDBOT_{name}", value)
    return BotSettings(_env_file=None)  # type: ignore[call-arg]


def problems(monkeypatch: pytest.MonkeyPatch, **environment: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        read(monkeypatch, **environment)
    return explain(caught.value, BotSettings)


def test_the_defaults_are_those_of_the_outside_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch)

    assert settings.telegram_token is None
    assert settings.telegram_api == "https://api.telegram.org"
    assert (settings.http_host, settings.http_port, settings.chat_port) == ("127.0.0.1", 8081, 8080)
    assert settings.moderators == frozenset()
    assert settings.language == "en"
    assert (settings.retrain_every, settings.retrain_after) == (timedelta(days=7), 50)
    assert (settings.trust, settings.shadow_photos, settings.public_url) == (True, 50, None)


def test_values_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    api = "http://localhost:9/"
    settings = read(monkeypatch, TELEGRAM_TOKEN=TOKEN, TELEGRAM_API=api, MODERATORS=" 1, 22 ,", RETRAIN_EVERY="12h")

    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == TOKEN
    assert settings.telegram_api == "http://localhost:9"
    assert settings.moderators == {1, 22}
    assert settings.retrain_every == timedelta(hours=12)


def test_the_token_is_not_in_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TOKEN not in repr(read(monkeypatch, TELEGRAM_TOKEN=TOKEN))


def test_an_empty_value_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, TELEGRAM_TOKEN="", HTTP_PORT="").http_port == 8081


def test_all_wrong_values_are_named_at_once_with_key_and_value(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = problems(
        monkeypatch,
        TELEGRAM_API="telegram",
        HTTP_PORT="99999",
        MODERATORS="1,bob",
        LANGUAGE="xx",
        RETRAIN_EVERY="weekly",
        RETRAIN_AFTER="0",
    )

    assert [line.split(":")[0] for line in lines] == [
        "BREEDBOT_TELEGRAM_API=telegram",
        "BREEDBOT_HTTP_PORT=99999",
        "BREEDBOT_MODERATORS=1,bob",
        "BREEDBOT_LANGUAGE=xx",
        "BREEDBOT_RETRAIN_EVERY=weekly",
        "BREEDBOT_RETRAIN_AFTER=0",
    ]


@pytest.mark.parametrize("token", ["nonsense-but-secret", TOKEN + "!", "98765", f"bot{TOKEN}"])
def test_a_wrong_token_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    (line,) = problems(monkeypatch, TELEGRAM_TOKEN=token)

    assert line.startswith("BREEDBOT_TELEGRAM_TOKEN=***: ")
    assert token not in line


@pytest.mark.parametrize("password", ["secret", "se/cret", "se@cret", "a:b@c/d"])
def test_a_password_in_an_address_is_not_shown(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    (line,) = problems(monkeypatch, TELEGRAM_API=f"ftp://anna:{password}@host")

    assert line.startswith("BREEDBOT_TELEGRAM_API=ftp://anna:***@host: ")


def test_a_webhook_needs_https_and_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = problems(monkeypatch, WEBHOOK_URL="https://bot.example.org/hook")
    assert line.startswith("BREEDBOT_WEBHOOK_SECRET=")
    lines = problems(monkeypatch, WEBHOOK_URL="http://bot.example.org", WEBHOOK_SECRET="not good")
    assert lines[0].startswith("BREEDBOT_WEBHOOK_URL=http://bot.example.org: ")
    assert lines[1].startswith("BREEDBOT_WEBHOOK_SECRET=***: ")


def test_settings_of_other_rooms_can_be_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    class OtherSettings(BaseSettings):
        model_config = BotSettings.model_config
        database_url: str = "sqlite:///x"
        pool: int = 1

    class AllSettings(BotSettings, OtherSettings):
        pass

    monkeypatch.setenv("BREEDBOT_DATABASE_URL", "postgresql://me:secret@host/db")
    monkeypatch.setenv("BREEDBOT_POOL", "many")
    monkeypatch.setenv("BREEDBOT_CHAT_PORT", "-1")
    with pytest.raises(ValidationError) as caught:
        AllSettings(_env_file=None)  # type: ignore[call-arg]
    monkeypatch.delenv("BREEDBOT_POOL")
    monkeypatch.delenv("BREEDBOT_CHAT_PORT")

    assert {line.split("=")[0] for line in explain(caught.value, AllSettings)} == {
        "BREEDBOT_POOL",
        "BREEDBOT_CHAT_PORT",
    }
    assert AllSettings(_env_file=None).database_url.startswith("postgresql")  # type: ignore[call-arg]


def test_pointed_at_the_local_chat_it_has_its_token_and_no_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, WEBHOOK_URL="https://bot.example.org", WEBHOOK_SECRET="s").at_server(
        "http://x:1/", TOKEN
    )

    assert settings.telegram_api == "http://x:1"
    assert settings.webhook_url is None


@pytest.mark.parametrize(("said", "trust"), [("on", True), (" off", False), ("OFF", False), ("true", True)])
def test_trust_is_on_or_off(monkeypatch: pytest.MonkeyPatch, said: str, trust: bool) -> None:
    assert read(monkeypatch, TRUST=said).trust is trust


def test_what_the_learning_loop_cannot_use_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = problems(monkeypatch, TRUST="perhaps", SHADOW_PHOTOS="-1", PUBLIC_URL="bot.example.org")

    assert [line.split(":")[0] for line in lines] == [
        "BREEDBOT_TRUST=perhaps",
        "BREEDBOT_SHADOW_PHOTOS=-1",
        "BREEDBOT_PUBLIC_URL=bot.example.org",
    ]


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://127.0.0.1:8081"),
        ({"HTTP_HOST": "0.0.0.0", "HTTP_PORT": "99"}, "http://127.0.0.1:99"),
        ({"HTTP_HOST": "::"}, "http://[::1]:8081"),
        ({"PUBLIC_URL": "https://dogs.example.org/"}, "https://dogs.example.org"),
    ],
)
def test_links_lead_where_a_browser_can_go(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], address: str
) -> None:
    assert read(monkeypatch, **environment).public_address() == address


def test_links_know_the_port_that_was_chosen_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, HTTP_PORT="0").public_address(4711) == "http://127.0.0.1:4711"


def test_the_folder_of_a_local_bot_api_server_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (line,) = problems(monkeypatch, TELEGRAM_FILES=str(tmp_path / "none"))

    assert line.startswith(f"BREEDBOT_TELEGRAM_FILES={tmp_path}/none: no such folder")
    assert read(monkeypatch, TELEGRAM_FILES=str(tmp_path)).telegram_files == tmp_path
