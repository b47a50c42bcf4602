"""What of the work is this process's: all of it, or, beside other bots on one database, a share."""

import asyncio
from collections.abc import Collection
from typing import Protocol

from db.partitions import ALL, Partitions


class Tenant(Protocol):
    """Who works on what is owned, and is told when that changes; nothing here may block."""

    def gained(self, partitions: Partitions) -> None:
        """These are ours from now on: take up what is pending there."""

    def lost(self, partitions: Partitions) -> None:
        """These are ours no more: begin nothing there, and forget what has not begun."""

    def busy(self, partition: int) -> bool:
        """Whether something that has begun there is not through."""

    def divided(self, bots: int) -> None:
        """So many bots, we included, share what Telegram allows to one."""


class Ownership(Protocol):
    """Asked before anything is begun, and before anything is said."""

    @property
    def partitions(self) -> Partitions:
        """What we work on."""

    @property
    def leads(self) -> bool:
        """Whether we do what one bot does for all: retrains, promotions, alerts, housekeeping."""

    @property
    def polls(self) -> bool:
        """Whether we fetch updates, where there is no webhook."""

    def owns(self, chat_id: int | None) -> bool:
        """Whether this chat's work is ours, as far as we know."""

    def may(self, chat_id: int) -> bool:
        """Whether it surely still is, so that we may speak there: nobody else can have it yet."""

    def trouble(self) -> str | None:
        """What is wrong, for the health check."""

    async def run(self, tenant: Tenant) -> None:
        """Keep it until cancelled."""

    def look(self) -> None:
        """Another bot gave something back."""

    def retire(self) -> None:
        """Hand everything over, each part when it is no longer busy; take nothing any more."""

    async def end(self) -> None:
        """Give back whatever is left."""


class Alone:
    """The only bot there is: everything is its own, always."""

    partitions = ALL
    leads = True
    polls = True

    def owns(self, chat_id: int | None) -> bool:  # noqa: ARG002
        """Every chat is."""
        return True

    def may(self, chat_id: int) -> bool:  # noqa: ARG002
        """In every chat."""
        return True

    def trouble(self) -> str | None:
        """Nothing can be."""
        return None

    async def run(self, tenant: Tenant) -> None:  # noqa: ARG002 - nothing ever changes
        """Until cancelled."""
        await asyncio.Event().wait()

    def look(self) -> None:
        """There is no other."""

    def retire(self) -> None:
        """There is nobody to hand over to: what is in hand is finished."""

    async def end(self) -> None:
        """Nothing was taken from anybody."""


class Wakes(Protocol):
    """Tells other bots that there is work for them. What nobody hears is found by their next sweep."""

    async def updates(self, partition: int, update_ids: Collection[int]) -> None:
        """These updates are in the inbox."""

    async def answers(self, partition: int, job_ids: Collection[int]) -> None:
        """These jobs have their results."""
