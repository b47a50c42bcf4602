"""A moderator's desk: a real HTTP port with the console, a real database, claims to decide about, clients to log in."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image
from stored import predict

from bot.console import PREFIX, Access, Console, new_login_link
from bot.console.login_pace import LoginPace
from bot.conversation.models.facts import Reins
from bot.health import Health
from bot.http_server import WebServer
from bot.metrics import Metrics
from core.claim import Verdict
from core.clock import utc_now
from core.prediction import Box, BreedScore, Kind
from db.chat.chat_records import Consent, NewPrediction, ReviewRecord
from db.database import Database
from db.learning.learning_records import ReviewItem
from db.photos.photo_store import PhotoFolder, PhotoStore
from db.url import sqlite_url

ADA, BEA, PERSON = 11, 12, 1001
TOP = (
    BreedScore("beagle", 0.62),
    BreedScore("basset_hound", 0.21),
    BreedScore("bloodhound", 0.08),
    BreedScore("english_foxhound", 0.05),
)


def jpeg(shade: int, width: int = 640, height: int = 480) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), (shade * 37 % 256, shade * 91 % 256, 120)).save(file, "JPEG")
    return file.getvalue()


@dataclass
class Clock:
    """Goes on when it is told to."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@dataclass
class Desk:
    database: Database
    photos: PhotoStore
    web: WebServer
    clock: Clock
    moderators: set[int] = field(default_factory=lambda: {ADA, BEA})
    heat_asked: list[tuple[str, str]] = field(default_factory=list)
    claims: int = 0
    reins: Reins | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web.port}"

    def mount(self, *, heat: bool = True, public_url: str | None = None, **more: Any) -> None:
        console = Console(
            self.database,
            self.photos,
            Access(lambda: self.moderators, public_url or self.url, **more),
            heatmap=self.heatmap if heat else None,
            clock=self.clock,
            timing=LoginPace(),
            reins=self.reins,
        )
        self.web.mount(PREFIX, console.handle)

    async def heatmap(self, sha256: str, breed: str, box: Box, against: str | None = None) -> bytes | None:
        self.heat_asked.append((sha256, breed))
        return jpeg(200, 300, 200) if breed == "beagle" else None

    async def claim(
        self,
        breed: str | None = None,
        *,
        verdict: Verdict | None = None,
        suggestion: str | None = None,
        photo: bytes | None = None,
        top: tuple[BreedScore, ...] = TOP,
        kind: str = "breed",
        not_a_dog: float = 0.01,
        user_id: int = PERSON,
    ) -> int:
        """One more that waits: its event id. ``claim("saluki")``, ``claim(suggestion="Aidi")``, ``claim()`` = ✅."""
        self.claims += 1
        data = photo or jpeg(self.claims)
        sha256 = await self.photos.put(data)
        said = verdict or (Verdict.CORRECT if breed else Verdict.OTHER if suggestion else Verdict.CONFIRM)
        new = NewPrediction(Kind(kind), top, not_a_dog, "dogs83-test", "bones", b"\x00\x3c" * 2048)
        async with self.database.unit() as unit:
            await unit.users.seen(user_id, "en")
            await unit.consents.set(user_id, Consent.YES)
            await unit.photos.add(sha256, size_bytes=len(data), mime="image/jpeg", width=640, height=480)
            job = await unit.jobs.add(
                photo_sha256=sha256, user_id=user_id, chat_id=user_id, message_id=self.claims, update_id=None
            )
            answer = await predict(unit, job.id, new)
            event = await unit.feedback.append(
                prediction_id=answer.id, user_id=user_id, verdict=said, breed=breed, suggestion=suggestion
            )
        return event.id

    async def waiting(self, event_id: int) -> ReviewItem | None:
        async with self.database.unit() as unit:
            return await unit.review_queue.get(event_id)

    async def decision(self, event_id: int) -> ReviewRecord:
        async with self.database.unit() as unit:
            found = await unit.reviews.latest(event_id)
        assert found is not None
        return found

    async def link(self, moderator: int = ADA) -> str:
        return await new_login_link(self.database, moderator, self.url, clock=self.clock)

    @asynccontextmanager
    async def signed_in(self, moderator: int = ADA) -> AsyncIterator["Client"]:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.post(await self.link(moderator)) as response:
                assert response.status == 200
                page = await response.text()
            csrf = re.search('name="csrf" content="([0-9a-f]{64})"', page)
            assert csrf is not None
            yield Client(session, f"{self.url}/console", csrf[1], page)


@dataclass
class Client:
    """A moderator's browser, as far as HTTP goes."""

    session: aiohttp.ClientSession
    root: str
    csrf: str
    page: str

    async def get(self, path: str) -> tuple[int, dict[str, Any]]:
        async with self.session.get(f"{self.root}{path}") as response:
            return response.status, await response.json(content_type=None)

    async def post(
        self, path: str, body: object, *, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        sent = {"X-CSRF-Token": self.csrf} if headers is None else headers
        async with self.session.post(f"{self.root}{path}", json=body, headers=sent) as response:
            return response.status, await response.json(content_type=None) if response.status != 400 else {}

    async def form(self, path: str, fields: Sequence[tuple[str, str]], *, csrf: str | None = None) -> tuple[int, str]:
        """Send a form as the page does; follows to where it leads."""
        sent = [("csrf", self.csrf if csrf is None else csrf), *fields]
        async with self.session.post(f"{self.root}{path}", data=sent) as response:
            return response.status, await response.text()

    async def text(self, path: str) -> str:
        async with self.session.get(f"{self.root}{path}") as response:
            return await response.text()

    async def home(self) -> str:
        async with self.session.get(f"{self.root}/") as response:
            return await response.text()

    async def decide(self, event_id: int, decision: str, breed: str | None = None) -> tuple[int, dict[str, Any]]:
        return await self.post("/api/decide", {"event_id": event_id, "decision": decision, "breed": breed})

    async def undo(self, event_id: int) -> tuple[int, dict[str, Any]]:
        return await self.post("/api/undo", {"event_id": event_id})


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    """`folder`: with a migrated ``bot.db``."""
    clock = Clock()
    database = await Database.open(sqlite_url(folder / "bot.db"), clock=clock)
    try:
        async with WebServer("127.0.0.1", 0, Health(), Metrics()) as web:
            desk = Desk(database, PhotoFolder(folder / "photos"), web, clock)
            desk.mount()
            yield desk
    finally:
        await database.close()


async def answer(method: str, url: str, **options: Any) -> aiohttp.ClientResponse:
    """With its text read; no redirect is followed."""
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.request(method, url, allow_redirects=False, **options) as response,
    ):
        await response.read()
        return response
