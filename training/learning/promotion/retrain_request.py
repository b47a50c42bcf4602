"""How the rest of the bot asks for a retrain; the scheduler of `training/learning/promotion/` answers."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from db.learning.learning_records import RetrainRecord


@dataclass(frozen=True, slots=True)
class Started:
    """A retrain is under way.

    Attributes:
        outcome: its row once it has ended, however it ended; None if it died before it could write one.
    """

    outcome: Awaitable[RetrainRecord | None]


@dataclass(frozen=True, slots=True)
class AlreadyRunning:
    """Another one is under way; its end is told to whoever asked for it."""


class RetrainNow(Protocol):
    """Start a retrain now, due or not. Returns at once."""

    async def __call__(self) -> Started | AlreadyRunning:
        """Never raises: what goes wrong later is in the outcome."""
        ...
