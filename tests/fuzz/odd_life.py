"""A living bot that is fed with odd updates: the real app at the local chat server, and everything it complains of."""

import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from odd_updates import FILE, TOKEN
from sqlite_file import write_migrated
from stage import Stage, photo

from core.prediction import Box
from sandbox import ALICE, DAN, DOG_PARK, LocalChat

ANSWER_S = 900.0  # for a hundred updates; the machine may be busy, or asleep


class Complaints(logging.Handler):
    """Errors that were logged: each is a bug, or something that the bot should have expected."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        if len(self.said) < 20:
            self.said.append(self.format(record))

    def told(self, when: str) -> list[str]:
        """What was said since the last time, `when`; each on one line, its end first."""
        said = [f"{when}: {one.splitlines()[-1][:300]} … {one[-1500:]}" for one in self.said]
        self.said.clear()
        return said


@contextmanager
def listening() -> Iterator[Complaints]:
    """Hear what is complained of, by whom ever in this process."""
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    try:
        yield complaints
    finally:
        logging.getLogger().removeHandler(complaints)


@dataclass
class OddLife:
    """`tell` it updates; they are handled when it returns."""

    stage: Stage
    complaints: Complaints
    files: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    asked: int = 0

    async def tell(self, updates: Sequence[dict[str, Any]]) -> None:
        """Deliver these, and wait until each is dealt with and every answer is out."""
        world = self.stage.chat.world
        with world.database.transaction():
            for update in updates:
                update_id = world.database.next_number("update_id", 700_000_001)
                whole = self._real(json.dumps(update | {"update_id": update_id}))
                world.database.execute("INSERT INTO updates VALUES (?, ?)", update_id, whole)
        world.updates.interrupt()
        await self.settled()

    async def settled(self) -> None:
        """Wait until every update is dealt with, and every answer out."""
        await self.stage.settled(ANSWER_S)

    async def is_well(self) -> None:
        """Whether it answers as if nothing had happened."""
        sent = await self.stage.chat.send_text(ALICE, "/help")
        await self.stage.chat.wait_for_reply(sent, timeout_s=ANSWER_S)
        self.learn_tokens()

    def outcomes(self) -> Counter[str]:
        """How updates ended so far."""
        metrics = self.stage.app.parts.metrics
        samples = (sample for family in metrics.handled.collect() for sample in family.samples)
        return Counter({one.labels["outcome"]: int(one.value) for one in samples if one.name.endswith("_total")})

    async def left_over(self) -> list[str]:
        """What is still in hand when all is done."""
        await self.settled()
        app = self.stage.app
        async with self.stage.database.unit(read_only=True) as unit:
            pending = await unit.inbox.count_pending()
        held = {
            "updates in the inbox": pending,
            "updates in work": app.parts.inbox.stage.in_work,
            "albums in work": app.parts.albums.stage.in_work,
            "answers in work": app.parts.outbox.stage.in_work,
            "edits": len(app.parts.sender._edits),
        }
        return [f"{count} {name}" for name, count in held.items() if count]

    def learn_tokens(self) -> None:
        """Buttons of answers that there are by now."""
        rows = self.stage.edit_database("SELECT token FROM predictions ORDER BY id DESC LIMIT 50")
        self.tokens = [str(token) for (token,) in rows]

    def _real(self, text: str) -> str:
        """Put what exists in the place of what stands for it: every third time, each another one."""
        for name, real in ((FILE, self.files), (TOKEN, self.tokens)):
            while name in text and real:
                self.asked += 1
                text = text.replace(name, real[self.asked % len(real)], 1)
        return text


@asynccontextmanager
async def odd_life(folder: Path) -> AsyncIterator[OddLife]:
    """One life of the bot, with a moderator, a heat map, a console and no limit of photos."""
    write_migrated(folder / "bot.db")
    with listening() as complaints:
        async with LocalChat.running(folder / "chat") as chat:
            stage = Stage(chat, folder)
            stage.moderators.add(DAN.id)
            stage.set(photos_per_user_minute=0, photos_per_chat_minute=0)
            stage.hurry(album_quiet_s=0.01, album_patience_s=0.1, limits_hurry=100_000, thanks_every_s=0.001)
            stage.heatmap, stage.console_link = _heatmap, _console_link
            async with stage.bot():
                life = OddLife(stage, complaints, files=[await _file(chat, shade) for shade in range(3)])
                await stage.settled()
                yield life


async def _file(chat: LocalChat, shade: int) -> str:
    sent = await chat.send_photo(ALICE, photo(shade, width=64, height=48), chat=DOG_PARK)
    return str(sent.payload["photo"][-1]["file_id"])


async def _heatmap(sha256: str, breed: str, box: Box, against: str | None = None) -> bytes | None:
    return photo(7, width=64, height=48) if breed == "beagle" else None


async def _console_link(moderator_id: int) -> str:
    return f"http://127.0.0.1/console/login/{moderator_id}"
