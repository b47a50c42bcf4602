"""What an operator may set for the Telegram side: ``BREEDBOT_…`` in the environment or in ``.env``.

Rooms have their own settings; the front door inherits from all of them and reads everything at once.
"""

import re
from datetime import timedelta
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.texts import Texts

PREFIX = "BREEDBOT_"
OFFICIAL_API = "https://api.telegram.org"

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{30,64}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # https://core.telegram.org/bots/api#setwebhook
_DURATION = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Port = Annotated[int, Field(ge=0, le=65535)]


class BotSettings(BaseSettings):
    """Settings of the bot process; the defaults serve one machine.

    Attributes:
        telegram_token: from BotFather; None = the local chat is used.
        telegram_api: root of a Bot API server, without a slash at the end.
        webhook_url: the public https address Telegram shall call; None = long polling.
        webhook_secret: what Telegram shows with each call to prove that it is Telegram.
        http_host, http_port: health, metrics, webhook, console; port 0 = any free one.
        chat_port: the local chat.
        moderators: Telegram user ids.
        language: for whom no better one is known.
        retrain_every: schedule; zero = never by schedule.
        retrain_after: retrain once that many corrections were newly accepted.
        handlers_at_once: updates worked on at the same time, one a chat.
        sends_at_once: answers being sent at the same time, one a chat.
        inbox_limit: updates waiting for a handler before intake pauses.
        photos_limit: photos waiting for the worker before senders of new ones are asked to come back later.
        drain_s: seconds that a shutdown gives to work in hand.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore",
        hide_input_in_errors=True, frozen=True,
    )  # fmt: skip

    telegram_token: SecretStr | None = None
    telegram_api: str = OFFICIAL_API
    webhook_url: str | None = None
    webhook_secret: Annotated[SecretStr | None, Field(validate_default=True)] = None
    http_host: str = "127.0.0.1"
    http_port: Port = 8081
    chat_port: Port = 8080
    moderators: Annotated[frozenset[int], NoDecode] = frozenset()
    language: str = "en"
    retrain_every: timedelta = timedelta(days=7)
    retrain_after: Annotated[int, Field(ge=1)] = 50
    handlers_at_once: Annotated[int, Field(ge=1, le=1000)] = 32
    sends_at_once: Annotated[int, Field(ge=1, le=1000)] = 32
    inbox_limit: Annotated[int, Field(ge=1)] = 1000
    photos_limit: Annotated[int, Field(ge=1)] = 5000
    drain_s: Annotated[float, Field(ge=0)] = 10.0

    def at_server(self, api: str, token: str) -> Self:
        """The same settings, talking to another Bot API server: how the local chat is wired in."""
        return self.model_copy(
            update={"telegram_api": api.rstrip("/"), "telegram_token": SecretStr(token), "webhook_url": None}
        )

    @field_validator("telegram_token")
    @classmethod
    def _looks_like_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("not the shape of a token; BotFather gives one like 123456789:AAE-35-letters-and-digits")
        return token

    @field_validator("telegram_api", "webhook_url")
    @classmethod
    def _is_an_address(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("not an address; give one like https://bot.example.org")
        if info.field_name == "webhook_url" and parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("Telegram calls https addresses only")
        return url.rstrip("/")

    @field_validator("webhook_secret")
    @classmethod
    def _secret_goes_with_the_webhook(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is None and info.data.get("webhook_url"):
            raise ValueError("is needed with WEBHOOK_URL, or anybody could pose as Telegram")
        if secret is not None and not _SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("must be 1–256 of the characters A–Z a–z 0–9 _ -")
        return secret

    @field_validator("moderators", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        ids = [part.strip() for part in value.split(",") if part.strip()]
        if wrong := [part for part in ids if not part.isdecimal()]:
            raise ValueError(f"{wrong[0]!r} is not a Telegram user id; give numbers, comma-separated")
        return frozenset(int(part) for part in ids)

    @field_validator("language")
    @classmethod
    def _has_a_catalogue(cls, language: str) -> str:
        if language not in (known := Texts.load().languages()):
            raise ValueError(f"no such language; there are {', '.join(known)}")
        return language

    @field_validator("retrain_every", mode="before")
    @classmethod
    def _duration(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.strip() == "0":
            return timedelta(0)
        form = _DURATION.fullmatch(value.strip())
        if form is None:
            raise ValueError("not a duration; give one like 90m, 12h or 7d (0 = never)")
        return timedelta(**{_UNITS[form[2]]: int(form[1])})


def explain(error: ValidationError, settings: type[BaseSettings], prefix: str = PREFIX) -> list[str]:
    """One line for each wrong setting: ``BREEDBOT_HTTP_PORT=99999: what is wrong``. Secrets are masked."""
    lines = []
    for problem in error.errors(include_url=False, include_context=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        reason = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{prefix}{name.upper()}={_shown(name, problem['input'], settings)}: {reason}")
    return lines


def _shown(name: str, value: Any, settings: type[BaseSettings]) -> str:
    if value is None:
        return ""
    field = settings.model_fields.get(name)
    if field is not None and "SecretStr" in repr(field.annotation):
        return "***"
    return re.sub(r"(://[^/@:]*:).*@", r"\1***@", str(value), flags=re.DOTALL)[:200]  # a password may hold / and @
