"""`breedbot worker` as a process beside a real NATS server, and `breedbot queue` about what it gave up."""

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cli_types import PATIENCE_S, Cli, Start
from nats_servers import NatsServer

from db.photos.photo_store import PhotoFolder
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.dead_letters import DeadLetter, bury
from inference.queue.nats.heatmap_requests import NatsHeatmap
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.results import NatsResults
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import Failure, Job, JobResult


class Bot:
    """What a bot does with the line, without Telegram."""

    def __init__(self, link: NatsLink, queue: NatsQueue) -> None:
        self.link = link
        self.queue = queue
        self.results: dict[int, JobResult] = {}
        self._changed = asyncio.Event()

    async def report(self, result: JobResult) -> None:
        self.results[result.job.id] = result
        self._changed.set()

    async def until_answered(self, jobs: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.results) < jobs:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def line(nats_url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"{nats_url}&ack_wait=2s"
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", url)
    return url


@pytest.fixture
def photo_bytes(photo: Path) -> bytes:
    return photo.read_bytes()


async def a_bot(line: str) -> AsyncIterator[Bot]:
    async with NatsLink(NatsUrl.parse(line)) as link, NatsQueue(link) as queue:
        await link.ready(PATIENCE_S)
        bot = Bot(link, queue)
        results = NatsResults(link, queue, bot.report)
        async with asyncio.TaskGroup() as group:
            group.create_task(results.run())
            yield bot
            await results.drain(5)


async def ready(worker: "subprocess.Popen[str]") -> None:
    assert worker.stderr is not None
    said = []
    while line := await asyncio.to_thread(worker.stderr.readline):
        said.append(line)
        if "looks at photos" in line:
            return
    raise AssertionError(said)


async def test_a_worker_answers_paints_dies_and_is_replaced(
    line: str, start: Start, home: Path, photo_bytes: bytes
) -> None:
    sha256 = await PhotoFolder(home / "data" / "photos").put(photo_bytes)
    first = start("worker")
    await ready(first)
    async for bot in a_bot(line):
        for number in range(20):
            await bot.queue.submit(Job(number, sha256, time.time(), "u1"))
        await bot.queue.submit(Job(20, "0" * 64, time.time()))
        await bot.until_answered(21)
        picture = await NatsHeatmap(bot.link)(sha256, "beagle")
        nothing = await NatsHeatmap(bot.link)("0" * 64, "beagle")
        second = start("worker")
        await ready(second)
        for number in range(30, 70):
            await bot.queue.submit(Job(number, sha256, time.time()))
        first.kill()
        await bot.until_answered(61)
        second.send_signal(signal.SIGTERM)
        _, said = await asyncio.to_thread(second.communicate, timeout=60)

    assert all(bot.results[number].predictions for number in (*range(20), *range(30, 70)))
    assert bot.results[20].failure is Failure.MISSING
    assert picture is not None
    assert picture[:3] == b"\xff\xd8\xff"
    assert nothing is None
    assert second.returncode == 0
    assert "Traceback" not in said


def test_what_was_given_up_is_listed_replayed_and_dropped(line: str, cli: Cli) -> None:
    async def give_up() -> None:
        async with NatsLink(NatsUrl.parse(line)) as link:
            await link.ready(PATIENCE_S)
            for number in (7, 8, 9):
                await bury(link, DeadLetter(Job(number, "ab" * 32, 0.0, f"u{number}"), "it died of it", 6, "host/1"))
            await bury(link, DeadLetter(None, "no job", 1, "host/1", "t.jobs.x"))

    asyncio.run(give_up())

    listed = json.loads(cli("queue", "dead", "--json").stdout)
    table = cli("queue", "dead").stdout
    replayed = cli("queue", "replay", "7", "99")
    waiting = json.loads(cli("queue", "status", "--json").stdout)
    dropped = cli("queue", "drop", "--all")
    nothing = cli("queue", "dead")

    assert [(one["id"], one["tries"], one["replayable"]) for one in listed] == [
        ("7", 6, True), ("8", 6, True), ("9", 6, True), ("x", 1, False),
    ]  # fmt: skip
    assert "it died of it" in table
    assert (replayed.exit_code, replayed.stdout) == (1, "7 waits again\n")
    assert "99: was not given up" in replayed.stderr
    assert waiting == {"stages": [], "waiting": 1, "in_hand": 0, "results": 0, "dead": 3}
    assert sorted(dropped.stdout.split()[::2]) == ["8", "9", "x"]
    assert "no photo was given up" in nothing.stderr


@pytest.mark.parametrize("words", [("replay",), ("drop", "--all", "1")])
def test_what_is_meant_has_to_be_said(cli: Cli, line: str, words: tuple[str, ...]) -> None:
    said = cli("queue", *words)

    assert said.exit_code == 1
    assert "--all" in said.stderr


def test_servers_that_are_away_are_one_clear_line(
    start: Start, shared_nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", "nats://127.0.0.1:1")
    process = start("queue", "status")
    _, said = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 1
    assert len([one for one in said.splitlines() if one.startswith("breedbot:")]) == 1
    assert "Traceback" not in said


def test_without_a_shared_queue_the_stages_of_the_database_are_shown(cli: Cli) -> None:
    before = cli("queue", "status")
    assert cli("db", "upgrade").exit_code == 0
    stages = json.loads(cli("queue", "status", "--json").stdout)["stages"]

    assert before.exit_code == 0
    assert "no database" in before.stderr
    assert [one["stage"] for one in stages] == ["inbox", "jobs", "albums", "outbox", "thanks", "notices"]
    assert {one["waiting"] for one in stages} == {0}
    assert "outbox" in cli("queue", "status").stdout
