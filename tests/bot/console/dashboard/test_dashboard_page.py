"""The dashboard in a real browser: on a desk and on a phone, by day and by night, fresh without being asked."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from chromium import IN_A_BROWSER
from console_desk import ADA, Desk
from lively import fill, now
from playwright.async_api import Browser, Page, expect
from test_console_page import PHONE

from bot.console import PREFIX, Access, Console, Instruments
from bot.console.dashboard.process_numbers import Step, Vitals, vitals
from bot.metrics import Metrics

SCREENSHOTS = os.environ.get("CONSOLE_SCREENSHOTS")  # a folder, to look at them
VITALS = Vitals(
    (
        Step("download", 812, 0.083, 0.31),
        Step("queue", 812, 0.012, 0.42),
        Step("decode", 812, 0.009, 0.028),
        Step("infer", 240, 0.031, 0.12),
        Step("send", 2100, 0.064, 0.24),
    ),
    0.42, 17, 41_300_000_000, 412_000_000, 3 * 86_400.0,
)  # fmt: skip

pytestmark = IN_A_BROWSER


@pytest_asyncio.fixture
async def open_page(desk: Desk, browser: Browser) -> AsyncIterator[Any]:
    """Ada's browser, at the dashboard; an error in the page or a request to elsewhere fails the test."""
    troubles: list[str] = []

    async def opened(span: str = "day", **options: Any) -> Page:
        context = await browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        context.on("console", lambda line: troubles.extend([line.text] if "Security Policy" in line.text else []))
        context.on("request", lambda one: troubles.extend([] if one.url.startswith(desk.url) else [one.url]))
        page = await context.new_page()
        await page.goto(await desk.link(ADA))
        await page.get_by_role("button", name=re.compile("Sign in|Se connecter")).click()
        await page.wait_for_url("**/console/")
        await page.goto(f"{desk.url}/console/dashboard?span={span}")
        return page

    yield opened
    assert troubles == []


def furnish(desk: Desk, photos: int = 6000) -> list[str]:
    """A month of photos, and instruments. Returns: the list of troubles, empty for now."""
    assert desk.database.url.database is not None
    fill(Path(desk.database.url.database), now(), photos)
    troubles: list[str] = []
    console = Console(
        desk.database,
        desk.photos,
        Access(lambda: desk.moderators, desk.url),
        instruments=Instruments(lambda: VITALS, lambda _: troubles),
    )
    desk.web.mount(PREFIX, console.handle)
    return troubles


async def look(page: Page, name: str) -> None:
    if SCREENSHOTS:
        await page.screenshot(path=f"{SCREENSHOTS}/{name}.png", full_page=True)


async def wider_than_the_window(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("span", ["day", "week", "month"])
async def test_every_chart_is_drawn_and_nothing_hangs_over(desk: Desk, open_page: Any, span: str) -> None:
    furnish(desk)
    page = await open_page(span)

    await expect(page.locator("svg[role=img]")).to_have_count(3)
    for place in range(3):
        box = await page.locator("svg[role=img]").nth(place).bounding_box()
        assert box["width"] > 200
        assert box["height"] > 100
    assert await page.locator(".plot rect.k-breed").count() > 5
    assert await page.locator(".shares li").count() > 5
    assert not await wider_than_the_window(page)
    await look(page, f"dashboard-{span}")


async def test_on_a_phone_and_in_the_dark_in_french(desk: Desk, open_page: Any) -> None:
    furnish(desk).append("⚠️ Le disque est presque plein : 812 Mo sont libres.")
    async with desk.database.unit() as unit:
        await unit.users.seen(ADA, "fr")
    page = await open_page("week", viewport=PHONE, color_scheme="dark", has_touch=True)

    await expect(page.locator(".state.bad")).to_be_visible()
    assert not await wider_than_the_window(page)
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", background))) < 120
    await look(page, "dashboard-phone-fr")


async def test_in_the_dark_on_a_desk(desk: Desk, open_page: Any) -> None:
    furnish(desk)
    page = await open_page("month", color_scheme="dark")
    before = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await look(page, "dashboard-dark")
    await page.locator("#toggle-theme").click()

    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") != before


async def test_it_stays_fresh_without_being_asked(desk: Desk, open_page: Any) -> None:
    troubles = furnish(desk, 200)
    page = await open_page()
    await expect(page.locator(".state.well")).to_be_visible()
    troubles.append("⚠️ The model is in trouble")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    await expect(page.locator(".state.bad")).to_have_text("⚠️ The model is in trouble")


async def test_one_gets_there_from_the_claims_and_back(desk: Desk, open_page: Any) -> None:
    furnish(desk, 200)
    page = await open_page()
    await page.get_by_role("link", name="breedbot – review").or_(page.locator("header a.round")).first.click()
    await page.wait_for_url("**/console/")
    await page.get_by_role("link", name="Dashboard").click()
    await page.wait_for_url("**/console/dashboard")


async def test_a_bar_tells_its_values_under_the_pointer_and_at_a_tap(desk: Desk, open_page: Any) -> None:
    furnish(desk)
    for options in ({}, {"viewport": PHONE, "has_touch": True}):
        page = await open_page(**options)
        bar = page.locator(".tip").nth(20)
        await (bar.tap() if options else bar.hover())

        await expect(page.locator("#tip")).to_have_text(re.compile(r"\d\d:00\nPhotos: \d+\na breed: \d+"))
        box = await page.locator("#tip").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= page.viewport_size["width"]
        await look(page, f"tip-{len(options)}")


async def test_times_are_those_of_whoever_looks(desk: Desk, open_page: Any) -> None:
    furnish(desk, 300)
    page = await open_page("week", timezone_id="Asia/Tokyo")
    await expect(page.locator("#sheet")).to_contain_text("Times: Asia/Tokyo.", use_inner_text=True)
    await page.reload()
    hours = await page.locator(".tip").evaluate_all("(all) => all.slice(0, 28).map((one) => one.dataset.tip)")

    assert {re.findall(r"\d\d:\d\d", hour)[0] for hour in hours} == {
        "00:00",
        "06:00",
        "12:00",
        "18:00",
    }  # their midnight


async def test_a_number_leads_to_the_photos_that_it_counts(desk: Desk, open_page: Any) -> None:
    furnish(desk)
    page = await open_page()
    await page.locator(".shares a", has_text="Basset Hound").click()
    await page.wait_for_url("**/decisions?answered=basset_hound&said=*")
    await expect(page.get_by_text("Answers: Basset Hound")).to_be_visible()
    await page.get_by_role("link", name="all decisions").click()

    await page.wait_for_url(re.compile(r"/decisions\??$"))


async def test_what_is_empty_takes_a_line_not_a_box(desk: Desk, open_page: Any) -> None:
    console = Console(desk.database, desk.photos, Access(lambda: desk.moderators, desk.url))
    desk.web.mount(PREFIX, console.handle)
    page = await open_page()
    await look(page, "dashboard-empty")

    assert await page.locator(".box h2").count() == 0
    assert await page.locator(".nothing dt").count() == 7
    assert not await wider_than_the_window(page)


def test_what_the_real_instruments_show_before_anything_happened() -> None:
    found = vitals(Metrics().registry)

    assert found.steps == ()
    assert found.batch_fill is None
    assert found.memory_bytes
