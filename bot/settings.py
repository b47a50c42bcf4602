"""What an operator may set for the Telegram side: ``BREEDBOT_…`` in the environment or in ``.env``.

Rooms have their own settings; the front door inherits from all of them and reads everything at once.
"""

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.texts import languages

PREFIX = "BREEDBOT_"
Network = IPv4Network | IPv6Network
OFFICIAL_API = "https://api.telegram.org"

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{30,64}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # https://core.telegram.org/bots/api#setwebhook
_DURATION = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - listened on, but nobody can go there

Port = Annotated[int, Field(ge=0, le=65535)]


class BotSettings(BaseSettings):
    """Settings of the bot process; the defaults serve one machine.

    Attributes:
        telegram_token: from BotFather; None = the local chat is used.
        telegram_api: root of a Bot API server, without a slash at the end.
        telegram_files: folder in which a Bot API server on this machine (`--local`) keeps files; None = there is none.
        webhook_url: the public https address Telegram shall call; None = long polling.
        webhook_secret: what Telegram shows with each call to prove that it is Telegram.
        http_host, http_port: health, metrics, webhook, console; port 0 = any free one.
        chat_port: the local chat.
        moderators: Telegram user ids.
        language: for whom no better one is known.
        retrain_every: schedule; zero = never by schedule.
        retrain_after: retrain once that many corrections were newly accepted.
        trust: whether the trust policy may decide about claims; off = moderators alone do.
        trust_wait: what the policy accepts waits so long for somebody to look at it, or for a second independent voice;
            zero = it does not wait.
        shadow_photos: photos that a candidate is tried on, beside the champion, before it answers; 0 = none.
        retention_days: after so many days all that is stored of a photo goes; 0 = never.
        photos_per_user_minute: photos of one person that are taken in a minute, more wait; 0 = as many as they like.
        photos_per_chat_minute: the same for a whole group.
        api: whether the HTTP API is there.
        api_photos_per_minute: photos that one token may send in a minute; 0 = as many as it likes.
        api_photos_at_once: photos of the API that are received or looked at at the same time.
        public_url: where people's browsers reach our HTTP port; None = on this machine, see `public_address`.
        trusted_proxies: networks whose X-Forwarded-For is believed; empty = nobody's.
        handlers_at_once: updates worked on at the same time, one a chat.
        sends_at_once: answers being sent at the same time, one a chat.
        inbox_limit: updates waiting for a handler before intake pauses.
        photos_limit: photos waiting for the worker before senders of new ones are asked to come back later.
        photos_wait: the same, by the time that a new one would wait.
        drain_s: seconds that a shutdown gives to work in hand.
        log_format: text or json; None = what suits who reads, see `breedbot.ops.logs`.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore",
        hide_input_in_errors=True, frozen=True,
    )  # fmt: skip

    telegram_token: SecretStr | None = None
    telegram_api: str = OFFICIAL_API
    telegram_files: Path | None = None
    webhook_url: str | None = None
    webhook_secret: Annotated[SecretStr | None, Field(validate_default=True)] = None
    http_host: str = "127.0.0.1"
    http_port: Port = 8081
    chat_port: Port = 8080
    moderators: Annotated[frozenset[int], NoDecode] = frozenset()
    language: str = "en"
    retrain_every: timedelta = timedelta(days=7)
    retrain_after: Annotated[int, Field(ge=1)] = 50
    trust: bool = True
    trust_wait: timedelta = timedelta(hours=24)
    shadow_photos: Annotated[int, Field(ge=0, le=1_000_000)] = 50
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 365
    photos_per_user_minute: Annotated[int, Field(ge=0, le=10_000)] = 20
    photos_per_chat_minute: Annotated[int, Field(ge=0, le=10_000)] = 60
    api: bool = False
    api_photos_per_minute: Annotated[int, Field(ge=0, le=100_000)] = 60
    api_photos_at_once: Annotated[int, Field(ge=1, le=200)] = 32
    public_url: str | None = None
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    handlers_at_once: Annotated[int, Field(ge=1, le=1000)] = 32
    sends_at_once: Annotated[int, Field(ge=1, le=1000)] = 32
    inbox_limit: Annotated[int, Field(ge=1)] = 1000
    photos_limit: Annotated[int, Field(ge=1)] = 5000
    photos_wait: timedelta = timedelta(seconds=25)
    drain_s: Annotated[float, Field(ge=0)] = 10.0
    log_format: Literal["text", "json"] | None = None

    def at_server(self, api: str, token: str) -> Self:
        """The same settings, talking to another Bot API server: how the local chat is wired in."""
        return self.model_copy(
            update={"telegram_api": api.rstrip("/"), "telegram_token": SecretStr(token), "webhook_url": None}
        )

    def public_address(self, port: int | None = None) -> str:
        """What links to our HTTP port begin with, without a slash at the end; `port`: where it listens, if not there.

        Without `public_url` only browsers on this machine, or in its network, can follow such a link.
        """
        if self.public_url is not None:
            return self.public_url
        host = _LOOPBACK_OF.get(self.http_host, self.http_host)
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.http_port if port is None else port}"

    def known_hosts(self) -> frozenset[str]:
        """Names under which browsers may ask for our HTTP port; addresses and localhost are no names."""
        urls = (self.public_url, self.webhook_url)
        named = {urlsplit(url).hostname for url in urls if url is not None} | {self.http_host.lower()}
        return frozenset(name for name in named if name)

    @field_validator("telegram_token")
    @classmethod
    def _looks_like_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("not the shape of a token; BotFather gives one like 123456789:AAE-35-letters-and-digits")
        return token

    @field_validator("telegram_files")
    @classmethod
    def _is_a_folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_dir():
            raise ValueError("no such folder; give the one in which the Bot API server (--local) keeps its files")
        return folder

    @field_validator("telegram_api", "webhook_url", "public_url")
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

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        return (
            tuple(_network(one.strip()) for one in value.split(",") if one.strip()) if isinstance(value, str) else value
        )

    @field_validator("trust", "api", mode="before")
    @classmethod
    def _on_or_off(cls, value: object) -> object:
        if isinstance(value, str) and value.strip().lower() not in {"on", "off", "true", "false", "1", "0"}:
            raise ValueError("say on or off")
        return value.strip() if isinstance(value, str) else value

    @field_validator("language")
    @classmethod
    def _has_a_catalogue(cls, language: str) -> str:
        if language not in (known := languages()):
            raise ValueError(f"no such language; there are {', '.join(known)}")
        return language

    @field_validator("retrain_every", "photos_wait", "trust_wait", mode="before")
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


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is no network; give some like 10.0.0.0/8 or 127.0.0.1, comma-separated") from None


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
    # A password may hold / and @; a name without one is a token.
    return re.sub(r"(://(?:[^/@:]*:)?).*@", r"\1***@", str(value), flags=re.DOTALL)[:200]
