"""Bots wake each other by numbers; what is not for us, or makes no sense, wakes nobody."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Self

from bot.pipeline.partitions.wake_calls import NatsWakes
from db.errors import DatabaseUnavailable
from inference.queue.protocol import QueueAway


@dataclass
class Said:
    subject: str
    data: bytes


class Wire:
    """A link that hears itself."""

    def __init__(self) -> None:
        self.on_return: set[Callable[[], None]] = set()
        self.ears: dict[str, Callable[[Any], Awaitable[None]]] = {}
        self.away = False

    async def tell(self, subject: str, payload: bytes = b"") -> None:
        if self.away:
            raise QueueAway("away")
        heard = self.ears.get(subject.replace("wake.", "wake.*", 1)[:6] if "." in subject else subject)
        if heard is not None:
            await heard(Said(f"breedbot.{subject}", payload))

    async def listen(self, subject: str, hear: Callable[[Any], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        self.ears[subject] = hear

        async def end() -> None:
            del self.ears[subject]

        return end


class Owner:
    """Owns partition 3."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, list[int]]] = []
        self.looked = 0
        self.away = 0
        self.news = asyncio.Event()

    async def updates(self, update_ids: Collection[int]) -> None:
        await self._note("updates", update_ids)

    async def answers(self, job_ids: Collection[int]) -> None:
        await self._note("answers", job_ids)

    async def _note(self, kind: str, ids: Collection[int]) -> None:
        if self.away:
            self.away -= 1
            raise DatabaseUnavailable("away")
        self.seen.append((kind, sorted(ids)))
        self.news.set()

    def owns_partition(self, partition: int) -> bool:
        return partition == 3

    def missed(self) -> None:
        pass

    def leases(self) -> None:
        self.looked += 1


class Scene:
    def __init__(self) -> None:
        self.wire, self.owner = Wire(), Owner()
        self.wakes = NatsWakes(self.wire)

    async def __aenter__(self) -> Self:
        self.task = asyncio.ensure_future(self.wakes.run(self.owner))
        while len(self.wire.ears) < 2:  # noqa: ASYNC110 - a turn of the loop or two
            await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])

    async def seen(self, count: int) -> list[tuple[str, list[int]]]:
        async with asyncio.timeout(60):
            while len(self.owner.seen) < count:
                self.owner.news.clear()
                await self.owner.news.wait()
        return self.owner.seen


async def test_the_owner_is_woken_for_its_partition_only() -> None:
    async with Scene() as scene:
        await scene.wakes.updates(4, [1, 2])
        await scene.wakes.updates(3, [7, 5])
        await scene.wakes.answers(3, [9])

        assert await scene.seen(2) == [("updates", [5, 7]), ("answers", [9])]


async def test_what_makes_no_sense_wakes_nobody_and_harms_nobody() -> None:
    async with Scene() as scene:
        for data in (b"", b"[]", b"\xff", b'{"updates": 7}', b'{"updates": ["x"]}', b'{"answers": null}', b"{}"):
            await scene.wire.ears["wake.*"](Said("breedbot.wake.3", data))
        for subject in ("breedbot.wake.x", "breedbot.wake.99", "breedbot.wake.", "breedbot.wake.-3"):
            await scene.wire.ears["wake.*"](Said(subject, json.dumps({"updates": [1]}).encode()))
        await scene.wakes.updates(3, [2])

        assert await scene.seen(1) == [("updates", [2])]


async def test_a_database_that_is_away_is_asked_again() -> None:
    async with Scene() as scene:
        scene.owner.away = 1
        await scene.wakes.updates(3, [2])

        assert await scene.seen(1) == [("updates", [2])]


async def test_nobody_minds_that_nats_is_away() -> None:
    async with Scene() as scene:
        scene.wire.away = True

        await scene.wakes.updates(3, [2])
        await scene.wakes.leases()

        assert scene.owner.looked == 0


async def test_leases_that_were_given_back_are_looked_at() -> None:
    async with Scene() as scene:
        await scene.wakes.leases()

        assert scene.owner.looked == 1
    assert scene.wire.ears == {}
