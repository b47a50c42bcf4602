"""Everything that an operator may set, read at once: the settings of all rooms in one object.

Keys of object storage are not among them: its driver reads `AWS_…`, `GOOGLE_…` and `AZURE_…` from the environment only.
"""

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Self

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource

from bot.settings import PREFIX, BotSettings, explain
from breedbot.ops.terminal import DEBUG
from db.settings import DatabaseSettings
from inference.settings import InferenceSettings

CLOUD_KEYS = ("AWS_", "GOOGLE_", "AZURE_")
_SECRET = re.compile(r"SECRET|TOKEN|KEY$|PASSWORD|SAS")
_SHORTEST = 8  # what is shorter is no secret, and would mask half of every log


class WrongSettings(Exception):
    """Some settings cannot be used; one line for each, with key and value, secrets masked."""

    exit_code = 2

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__("\n".join(lines))


class Configuration(BotSettings, DatabaseSettings, InferenceSettings):
    """The settings of the whole process. A key that two rooms know is checked by the stricter one."""

    @classmethod
    def read(cls) -> Self:
        """From the environment and `.env`.

        Raises:
            WrongSettings: naming every wrong one.
        """
        try:
            return cls()
        except ValidationError as error:
            raise WrongSettings(_once(line) for line in explain(error, cls)) from None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log line may show."""
        found = (self.telegram_token, self.webhook_secret)
        told = (secret.get_secret_value() for secret in found if secret is not None)
        return (*told, *self.queue_secrets, *cloud_secrets())


def unknown_keys(settings: type[BaseSettings] = Configuration) -> list[str]:
    """`BREEDBOT_…` keys in the environment or `.env` that nobody reads, each with what may have been meant."""
    known = {f"{PREFIX}{name}".upper() for name in settings.model_fields} | {DEBUG}
    given = set(os.environ) | {key.upper() for key in DotEnvSettingsSource(settings).env_vars}
    return [_suggestion(key, known) for key in sorted(given - known) if key.startswith(PREFIX)]


def use_cloud_keys(file: Path = Path(".env")) -> None:
    """Let keys in `.env` count as if they were in the environment, which goes before."""
    for key, value in dotenv_values(file).items():
        if key.startswith(CLOUD_KEYS) and value:
            os.environ.setdefault(key, value)


def cloud_secrets() -> tuple[str, ...]:
    """Those that no log line may show."""
    found = {key: value for key, value in os.environ.items() if key.startswith(CLOUD_KEYS)}
    return tuple(value for key, value in found.items() if _SECRET.search(key) and len(value) >= _SHORTEST)


def _once(line: str) -> str:
    """Drop a `KEY=value: ` that the reason repeats."""
    return re.sub(r"^(\w+=.*?: )\1", r"\1", line)


def _suggestion(key: str, known: set[str]) -> str:
    near = get_close_matches(key, known, n=1)
    return f"{key} (did you mean {near[0]}?)" if near else key
