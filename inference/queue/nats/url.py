"""What `BREEDBOT_QUEUE_URL=nats://…` says: where the servers are, how they let us in, and how the line is kept there.

    nats://user:password@one:4222,nats://two:4222?prefix=breedbot&replicas=3&max_age=1h
    tls://token@nats.example.org?ca=/etc/nats/ca.pem

Importing this needs no NATS: settings are checked by processes that never speak to it.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SCHEMES: Final = ("nats", "tls")
PORT: Final = 4222
_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,32}")
_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class BadNatsUrl(ValueError):
    """The message says what is wrong and never repeats the URL: a password may be in it."""


@dataclass(frozen=True, slots=True)
class NatsUrl:
    """Servers, credentials and the shape of the line.

    Attributes:
        servers: `nats://host:port` or `tls://host:port` each, without credentials; any of one cluster.
        user, password, token: from the URL; all percent-decoded.
        creds: a file from `nsc`, with a JWT and a key.
        nkey: a file with the seed of an nkey.
        ca: a file with the certificates to trust; with it the connection has to be encrypted.
        prefix: of all subjects and streams, so that several installations can share servers.
        replicas: copies of every message, 1, 3 or 5; None = as the streams are, 1 where they are made.
        max_age_s: jobs that have waited longer are dropped; their bot submits them again. None = as they are, else 1 h.
        limit_jobs: the line may get so long. None = as it is, else 10,000.
        ack_wait_s: a worker that was not heard of for so long is taken for dead, and its jobs go to another one.
        tries: a job is given up, as a dead letter, after it was handed out so many times in vain.
    """

    servers: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    creds: Path | None = None
    nkey: Path | None = None
    ca: Path | None = None
    prefix: str = "breedbot"
    replicas: int | None = None
    max_age_s: float | None = None
    limit_jobs: int | None = None
    ack_wait_s: float | None = None
    tries: int = 5

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL; files that it names are looked at when they are needed. Raises BadNatsUrl."""
        addresses, _, query = url.partition("?")
        parts = [_split(each) for each in addresses.split(",")]
        schemes = {part.scheme for part in parts}
        if len(schemes) > 1:
            raise BadNatsUrl("all servers have to be reached by nats:// or all by tls://")
        user, password, token = _credentials(parts)
        return cls(tuple(f"{part.scheme}://{_host(part)}" for part in parts), user, password, token, **_options(query))

    @property
    def encrypted(self) -> bool:
        """Whether nothing may be said before the connection is encrypted."""
        return self.ca is not None or self.servers[0].startswith("tls:")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log line may show."""
        return tuple(secret for secret in (self.password, self.token) if secret)


def _split(address: str) -> SplitResult:
    part = urlsplit(address.strip())
    if part.scheme not in SCHEMES or not part.hostname or part.path not in {"", "/"} or part.fragment:
        raise BadNatsUrl("give servers like nats://host:4222, comma-separated, and options after a ?")
    try:
        _ = part.port
    except ValueError:
        raise BadNatsUrl(f"the port of {part.hostname} is not a number from 0 to 65535") from None
    return part


def _host(part: SplitResult) -> str:
    host = part.hostname or ""
    return f"[{host}]:{part.port or PORT}" if ":" in host else f"{host}:{part.port or PORT}"


def _credentials(parts: list[SplitResult]) -> tuple[str | None, str | None, str | None]:
    """User, password, token: those of the first server that has any; servers found later get them, too."""
    found = {(part.username, part.password) for part in parts if part.username}
    if len(found) > 1:
        raise BadNatsUrl("servers of one cluster take the same user and password")
    for name, password in found:
        if password is None:
            return None, None, unquote(name or "")
        return unquote(name or ""), unquote(password), None
    return None, None, None


def _options(query: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in _OPTIONS:
            raise BadNatsUrl(f"{key}= is not known; there are {', '.join(_OPTIONS)}")
        name, read = _OPTIONS[key]
        try:
            found[name] = read(value)
        except ValueError as error:
            raise BadNatsUrl(f"{key}={value}: {error}") from None
    if "creds" in found and "nkey" in found:
        raise BadNatsUrl("creds= and nkey= exclude each other")
    return found


def _prefix(value: str) -> str:
    if not _PREFIX.fullmatch(value):
        raise ValueError("expected 1–32 of the characters A–Z a–z 0–9 _ -")
    return value


def _copies(value: str) -> int:
    if value not in {"1", "3", "5"}:
        raise ValueError("expected 1, 3 or 5")
    return int(value)


def _count(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 10_000_000:
        raise ValueError("expected a number from 1 to 10000000")
    return int(value)


def _duration(value: str) -> float:
    form = _DURATION.fullmatch(value)
    if form is None or not float(form[1]):
        raise ValueError("not a duration; give one like 30s, 15m or 1h")
    return float(form[1]) * _SECONDS[form[2]]


_OPTIONS = {
    "prefix": ("prefix", _prefix),
    "replicas": ("replicas", _copies),
    "max_age": ("max_age_s", _duration),
    "limit": ("limit_jobs", _count),
    "ack_wait": ("ack_wait_s", _duration),
    "tries": ("tries", _count),
    "creds": ("creds", Path),
    "nkey": ("nkey", Path),
    "ca": ("ca", Path),
}
