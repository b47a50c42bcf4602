"""The dashboard: for moderators only, true to the database, flat however much is in it, complete without a script."""

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from console_desk import ADA, PERSON, Desk
from lively import BREEDS, NEW, OLD, fill, now
from sqlalchemy import event

from bot.console import PREFIX, Access, Console, Instruments
from bot.console.dashboard.amounts import day, duration, points, size
from bot.console.dashboard.numbers import SAMPLED, Overviews, Span, WrongShare
from bot.console.dashboard.process_numbers import quantile, vitals
from bot.metrics import Metrics
from core.claim import Verdict
from db.chat.inbox import IncomingUpdate
from db.errors import DatabaseUnavailable

NEPAL = ZoneInfo("Asia/Kathmandu")  # five hours and three quarters
NOON = datetime(2026, 3, 10, 12, 20, tzinfo=UTC)


@pytest.fixture
def lively(desk: Desk) -> Desk:
    fill_desk(desk, 3000, now())
    return desk


def fill_desk(desk: Desk, photos: int, at: datetime) -> None:
    assert desk.database.url.database is not None
    fill(Path(desk.database.url.database), at, photos)


async def sheet(desk: Desk, span: str = "day", language: str = "en") -> str:
    async with desk.database.unit() as unit:
        await unit.users.seen(ADA, language)
    async with desk.signed_in() as ada, ada.session.get(f"{ada.root}/dashboard?span={span}") as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        return await response.text()


def words(page: str) -> str:
    """What people read, the drawings aside."""
    return " ".join(unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


@pytest.mark.parametrize("span", list(Span))
def test_bars_end_with_the_one_that_now_is_in(span: Span) -> None:
    moments = span.moments(NOON)
    count, step = span.value

    assert len(moments) == count + 1
    assert moments[-2] <= NOON < moments[-1]
    assert {later - earlier for earlier, later in pairwise(moments)} == {step}
    assert {at.astimezone(NEPAL).time() for at in Span.MONTH.moments(NOON, NEPAL)} == {time()}  # midnight there


async def test_every_photo_of_the_span_is_in_one_bar(lively: Desk) -> None:
    overviews = Overviews(lively.database, now)
    for span in Span:
        begin = span.moments(now())[0]
        async with lively.database.unit(read_only=True) as unit:
            found = await unit.connection.exec_driver_sql(
                "SELECT count(*) FROM jobs WHERE created_at >= ?", (begin.strftime("%Y-%m-%d %H:%M:%S.%f"),)
            )
            photos = found.scalar_one()
        first, again = await overviews.look(span), await overviews.look(span)

        assert sum(bar.photos for bar in first.bars) == photos
        assert first == again
        assert sum(sum(bar.kinds.values()) for bar in first.bars) == pytest.approx(photos, rel=0.02)


async def test_shares_of_wrong_answers_are_those_of_the_opinions(lively: Desk) -> None:
    overview = await Overviews(lively.database, now).look(Span.MONTH)

    assert {one.name for one in overview.models} == {OLD, NEW}
    assert {one.name for one in overview.breeds} <= {*BREEDS, "not_a_dog"}
    assert overview.opinions is not None
    assert sum(one.wrong for one in overview.models) == overview.opinions.wrong
    assert [one.share for one in overview.breeds] == sorted((one.share for one in overview.breeds), reverse=True)
    assert [one.model_id for one in overview.promoted] == [NEW]
    assert overview.champion is not None
    assert overview.champion.model_id == NEW
    assert overview.drift is not None
    assert overview.drift > 0


async def test_a_changed_mind_counts_once(desk: Desk) -> None:
    event_id = await desk.claim()
    async with desk.database.unit() as unit:
        claim = await unit.feedback.get(event_id)
        assert claim is not None
        await unit.feedback.append(
            prediction_id=claim.prediction_id, user_id=PERSON, verdict=Verdict.CORRECT, breed="pug"
        )
    for _ in range(5):
        await desk.claim()
    overview = await Overviews(desk.database, desk.clock).look(Span.DAY)

    assert overview.opinions is not None
    assert (overview.opinions.wrong, overview.opinions.said) == (1, 6)


async def test_a_share_leads_to_just_the_opinions_that_it_counts(lively: Desk) -> None:
    overview = await Overviews(lively.database, now).look(Span.DAY)
    page = await sheet(lively)
    links = {unescape(link) for link in re.findall(r'href="(decisions[^"]*said=[^"]*)"', page)}
    shares = [
        (f"decisions?model={overview.models[0].name}&said={overview.said_from}", overview.models[0]),
        (f"decisions?answered={overview.breeds[0].name}&said={overview.said_from}", overview.breeds[0]),
        (f"decisions?said={overview.said_from}", overview.opinions),
    ]

    async with lively.signed_in() as ada:
        for link, share in shares:
            assert link in links
            assert share is not None
            assert f"{share.said} opinions" in (await ada.text(f"/{link}")).replace(",", "")


@pytest.mark.slow
async def test_it_reads_no_more_of_many_photos_than_of_few(desk: Desk) -> None:
    asked: list[str] = []

    def note(_c: object, _cursor: object, sql: str, *_: object) -> None:
        asked.append(sql)

    fill_desk(desk, 40_000, NOON)
    event.listen(desk.database._readers.sync_engine, "before_cursor_execute", note)
    overview = await Overviews(desk.database, lambda: NOON).look(Span.MONTH)

    assert sum(bar.photos for bar in overview.bars) > 39_000
    assert len(asked) <= 20 + 6 + 12
    assert not any("count(*)" in sql and "FROM jobs" in sql and "status" not in sql for sql in asked)
    assert all(bar.photos > SAMPLED for bar in overview.bars)


async def test_an_empty_database_has_a_dashboard_too(desk: Desk) -> None:
    page = words(await sheet(desk))

    assert "All is well" in page
    assert "nobody waits" in page
    assert "too few opinions yet" in page


async def test_nobody_but_moderators_sees_it(desk: Desk) -> None:
    async with aiohttp.ClientSession() as stranger, stranger.get(f"{desk.url}/console/dashboard") as response:
        text = await response.text()

        assert response.status == 401
        assert "Photos" not in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Dashboard", "❌ by model", "24 hours", "95% within", "All is well", NEW, "Alaskan Malamute"]),
        ("fr", ["Tableau de bord", "❌ par modèle", "24 heures", "95\u00a0% en", "Tout va bien", NEW]),
    ],
)
async def test_it_speaks_the_moderator_s_language(lively: Desk, language: str, said: list[str]) -> None:
    page = unescape(await sheet(lively, "month", language))

    assert [one for one in said if one not in page] == []
    assert "dash-" not in words(page)


async def test_a_wrong_span_is_a_day(desk: Desk) -> None:
    assert 'href="?span=day" aria-current="page"' in await sheet(desk, "<script>")


async def test_nothing_on_the_page_comes_from_elsewhere_or_styles_itself(lively: Desk) -> None:
    page = await sheet(lively, "month")

    assert "style=" not in page
    assert "http://" not in page.replace(lively.url, "")
    assert "https://" not in page
    assert len(page) < 200_000


async def test_what_is_wrong_and_what_was_measured_stand_beside_it(desk: Desk) -> None:
    metrics = Metrics()
    for seconds in (0.02, 0.02, 0.2):
        metrics.send_seconds.observe(seconds)
    instruments = Instruments(lambda: vitals(metrics.registry), lambda language: [f"<b>{language}</b> in trouble"])
    console = Console(
        desk.database,
        desk.photos,
        Access(lambda: desk.moderators, desk.url),
        instruments=instruments,
    )
    desk.web.mount(PREFIX, console.handle)
    page = await sheet(desk)

    assert "&lt;b&gt;en&lt;/b&gt; in trouble" in page
    assert "All is well" not in page
    assert "one call to Telegram" in words(page)


async def test_a_database_in_trouble_is_an_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk.signed_in() as ada:

        async def broken(*_: object) -> None:
            raise DatabaseUnavailable("gone")

        monkeypatch.setattr(Overviews, "look", broken)
        async with ada.session.get(f"{ada.root}/dashboard") as response:
            assert response.status == 503


def test_quantiles_of_a_histogram_are_those_of_promql() -> None:
    buckets = [(0.1, 10.0), (1.0, 20.0), (float("inf"), 20.0)]

    assert quantile(buckets, 0.5) == pytest.approx(0.1)
    assert quantile(buckets, 0.75) == pytest.approx(0.55)
    assert quantile([(0.1, 0.0), (float("inf"), 4.0)], 0.95) == pytest.approx(0.1)


def test_a_share_of_few_opinions_is_less_sure() -> None:
    few, many = WrongShare("a", 1, 5), WrongShare("a", 200, 1000)

    assert few.interval[0] < 0.2 < few.interval[1]
    assert few.interval[1] - few.interval[0] > 5 * (many.interval[1] - many.interval[0])


def test_a_share_is_shown_from_so_many_opinions_on_as_tell_something() -> None:
    assert not WrongShare("a", 1, 8).tells
    assert not WrongShare("a", 15, 30).tells
    assert WrongShare("a", 0, 10).tells
    assert WrongShare("a", 20, 40).tells


async def test_a_zone_that_nobody_knows_is_utc(desk: Desk) -> None:
    for zone in ("Mars/Olympus", "../../etc/passwd", "<b>"):
        async with desk.signed_in() as ada:
            cookies = {"zone": zone}
            async with ada.session.get(f"{ada.root}/dashboard", cookies=cookies) as response:
                assert "Times: UTC." in await response.text()


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (0.0321, "32 ms", "32 ms"),
        (1.44, "1.4 sec", "1,4 s"),
        (42, "42 sec", "42 s"),
        (180, "3 min", "3 min"),
        (None, "–", "–"),
    ],
)
def test_durations_are_read_at_a_glance(seconds: float | None, english: str, french: str) -> None:
    assert duration(seconds, "en") == english
    assert duration(seconds, "fr").replace("\u202f", " ").replace("\u00a0", " ") == french


def test_sizes_and_differences_are_read_at_a_glance() -> None:
    assert size(12_400_000_000, "en") == "12.4 GB"
    assert size(812_000_000, "en") == "812 MB"
    assert points(-0.012, "en") == "−1.2"
    assert points(0.034, "fr") == "+3,4"


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "Nov 23"), ("fr", "23 nov."), ("de", "23. Nov."), ("es", "23 nov"), ("pt", "23 de nov.")],
)
def test_days_are_written_as_the_language_does(language: str, written: str) -> None:
    assert day(datetime(2026, 11, 23, tzinfo=UTC), UTC, language) == written


@pytest.mark.parametrize(("language", "says"), [("en", "next try"), ("fr", "prochain essai")])
async def test_what_failed_says_why_and_when_it_is_tried_again(desk: Desk, language: str, says: str) -> None:
    async with desk.database.unit() as unit:
        await unit.inbox.add([IncomingUpdate(1, PERSON, {"update_id": 1}), IncomingUpdate(2, PERSON, {"update_id": 2})])
        await unit.inbox.later(1, now() + timedelta(minutes=1), "Telegram <is> away")

    text = words(await sheet(desk, language=language))

    assert "Telegram <is> away" in text
    assert says in text
