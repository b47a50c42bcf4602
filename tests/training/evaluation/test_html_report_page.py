"""The page of an evaluation in a real browser, wide and narrow, light and dark."""

import os
from pathlib import Path

import pytest
from chromium import IN_A_BROWSER
from playwright.async_api import Browser, Page
from test_html_report import made

from training.evaluation.report.html_report import write_html_report

SCREENSHOTS = os.environ.get("REPORT_SCREENSHOTS")  # a folder, to look at them

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_html_report(made(folder / "photos"), "model <1>", folder)
    return folder / "index.html"


async def opened(browser: Browser, report: Path, width: int, scheme: str) -> Page:
    """Any error in the page, and any request for something else, fails the test."""
    page = await browser.new_page(viewport={"width": width, "height": 800})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.on("request", lambda request: troubles.append(request.url) if request.url[:5] != "data:" else None)
    await page.goto(report.as_uri())
    assert troubles == [report.as_uri()]
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1300, 390])
async def test_the_page_fits_and_every_picture_shows(browser: Browser, report: Path, width: int, scheme: str) -> None:
    page = await opened(browser, report, width, scheme)

    if SCREENSHOTS:
        await page.screenshot(path=Path(SCREENSHOTS) / f"report-{width}-{scheme}.png", full_page=True)
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    loaded = "Promise.all([...document.images].map((one) => one.decode().then(() => one.naturalWidth)))"
    brightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"
    assert await page.evaluate(wider) == 0
    assert min(await page.evaluate(loaded)) > 100
    assert (await page.evaluate(brightness) < 100) is (scheme == "dark")


async def test_plots_follow_the_ground(browser: Browser, report: Path) -> None:
    shown = []
    for scheme in ("light", "dark"):
        page = await opened(browser, report, 1300, scheme)
        shown.append(await page.locator("#plots + p + .plots img").first.evaluate("(image) => image.currentSrc"))

    assert shown[0] != shown[1]


async def test_a_pressed_heading_sorts_the_table_up_and_down(browser: Browser, report: Path) -> None:
    page = await opened(browser, report, 1300, "light")
    names, f1 = page.locator("table.breeds tbody th"), page.locator("table.breeds td:nth-child(5)")
    worst_first = [float(text) for text in await f1.all_inner_texts()]

    await page.get_by_role("button", name="breed").click()
    by_name = await names.all_inner_texts()
    await page.get_by_role("button", name="breed").click()
    backwards = await names.all_inner_texts()
    await page.get_by_role("button", name="photos").click()
    photos = [int(text) for text in await page.locator("table.breeds td:nth-child(2)").all_inner_texts()]

    assert worst_first == sorted(worst_first)
    assert by_name == sorted(by_name) == backwards[::-1]
    assert photos == sorted(photos)
    assert await page.locator("table.breeds th[aria-sort]").inner_text() == "photos"
