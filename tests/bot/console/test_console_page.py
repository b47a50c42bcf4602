"""The review page in a real browser: photos, bars, keys, undo, and what happens when something is in the way."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from typing import Literal

import pytest
import pytest_asyncio
from checkout import SHARED
from chromium import IN_A_BROWSER
from console_desk import ADA, BEA, TOP, Desk
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from core.breeds.catalogue import NOT_A_DOG
from core.claim import Decision, Verdict
from core.prediction import BreedScore

DOGS = SHARED / "dogs"
SCREENSHOTS = os.environ.get("CONSOLE_SCREENSHOTS")  # a folder, to look at them
PHONE = {"width": 390, "height": 780}

expect.set_options(timeout=20_000)  # a machine that is busy with other tests is no error of the page

pytestmark = IN_A_BROWSER


@pytest_asyncio.fixture
async def context(browser: Browser, desk: Desk) -> AsyncIterator[BrowserContext]:
    """Ada's browser; an error in a page, a refused script, or a request to elsewhere, fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("console", lambda line: troubles.extend([line.text] if "Security Policy" in line.text else []))
    context.on("request", lambda one: troubles.extend([] if one.url.startswith((desk.url, "blob:")) else [one.url]))
    yield context
    await context.close()
    assert troubles == []


@pytest_asyncio.fixture
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


async def sign_in(page: Page, desk: Desk, moderator: int = ADA) -> None:
    await page.goto(await desk.link(moderator))
    await page.get_by_role("button", name=re.compile("Sign in|Se connecter")).click()
    await page.wait_for_url("**/console/")


async def shown(page: Page, claim: str) -> None:
    """Wait until this claim is on the page, its photo included."""
    await expect(page.locator("#claim").filter(visible=True)).to_have_text(claim)
    await expect(page.locator("#stage")).to_have_attribute("aria-busy", "false")


async def decided(page: Page, sentence: str) -> None:
    """Wait until the server has taken it."""
    await expect(page.locator("#history li span").first).to_have_text(sentence)


async def look(page: Page, name: str) -> None:
    if SCREENSHOTS:
        await page.screenshot(path=f"{SCREENSHOTS}/{name}.png")


def photo_of(breed: str) -> bytes | None:
    """A real one where there are some."""
    found = sorted((DOGS / breed).glob("*"))
    return found[0].read_bytes() if found else None


async def test_claims_are_decided_with_the_keyboard_alone(desk: Desk, page: Page) -> None:
    keys = {"Saluki": "a", "Borzoi": "r", "Pug": "n", "Whippet": "s"}
    events = {name: await desk.claim(name.lower()) for name in keys}
    await sign_in(page, desk)
    for name, key in keys.items():
        await shown(page, name)
        await page.keyboard.press(key)

    await expect(page.locator("#empty h1")).to_be_visible()
    await expect(page.locator("#left")).to_have_text("One claim waits")  # the one put off
    assert (await desk.decision(events["Saluki"])).decision is Decision.ACCEPTED
    assert (await desk.decision(events["Borzoi"])).decision is Decision.REJECTED
    assert (await desk.decision(events["Pug"])).breed == NOT_A_DOG
    assert await desk.waiting(events["Whippet"]) is not None


async def test_decisions_are_undone_one_after_the_other_even_from_the_empty_page(desk: Desk, page: Page) -> None:
    first, second = await desk.claim("saluki"), await desk.claim("borzoi", top=TOP[1:])
    await sign_in(page, desk)
    await shown(page, "Saluki")
    await page.keyboard.press("a")
    await shown(page, "Borzoi")
    await page.keyboard.press("s")
    await expect(page.locator("#empty")).to_be_visible()
    await page.keyboard.press("u")
    await shown(page, "Borzoi")
    await page.keyboard.press("u")
    await shown(page, "Saluki")

    await expect(page.locator("#left")).to_have_text("2 claims wait")
    await expect(page.locator("[data-act=undo]")).to_be_disabled()
    assert await desk.waiting(first) is not None
    assert await desk.waiting(second) is not None


async def test_of_two_undone_in_a_row_the_last_is_shown_however_long_the_first_takes(desk: Desk, page: Page) -> None:
    for name, top in (("saluki", TOP), ("borzoi", TOP[1:])):
        await desk.claim(name, top=top)
    await sign_in(page, desk)
    for name in ("Saluki", "Borzoi"):
        await shown(page, name)
        await page.keyboard.press("a")
    await expect(page.locator("#left")).to_have_text("0 claims wait")
    first, go_on = asyncio.Event(), asyncio.Event()

    async def slow(route: Route) -> None:
        if not first.is_set():
            first.set()
            await go_on.wait()
        await route.continue_()

    await page.route("**/api/undo", slow)
    await page.keyboard.press("u")
    await first.wait()
    await page.keyboard.press("u")
    await page.evaluate("new Promise((done) => setTimeout(done, 300))")  # it would have overtaken the first
    go_on.set()
    await expect(page.locator("#left")).to_have_text("2 claims wait")
    await shown(page, "Saluki")


async def test_after_a_reload_the_last_decisions_can_still_be_undone(desk: Desk, page: Page) -> None:
    event_id = await desk.claim("saluki")
    await sign_in(page, desk)
    await shown(page, "Saluki")
    await page.keyboard.press("r")
    await expect(page.locator("#empty-undo")).to_be_visible()
    await expect(page.locator("#left")).to_have_text("0 claims wait")
    await page.reload()
    await page.locator("#empty-undo").click()

    await shown(page, "Saluki")
    assert await desk.waiting(event_id) is not None


async def test_an_answer_that_was_overtaken_does_not_bring_an_old_number_of_claims_back(desk: Desk, page: Page) -> None:
    await desk.claim("saluki")
    await sign_in(page, desk)
    await shown(page, "Saluki")
    counted_before = await page.request.get(f"{page.url}api/next?have=")
    decided = asyncio.Event()

    async def late(route: Route) -> None:
        await decided.wait()
        await route.fulfill(response=counted_before)

    await page.route("**/api/next*", late)
    await page.keyboard.press("r")
    await expect(page.locator("#left")).to_have_text("0 claims wait")
    async with page.expect_response("**/api/next*"):
        decided.set()
    await page.evaluate("new Promise((done) => setTimeout(done, 100))")  # the page has read it

    await expect(page.locator("#left")).to_have_text("0 claims wait")


async def test_a_decision_is_saved_even_if_the_page_is_closed_at_once(desk: Desk, page: Page) -> None:
    event_id = await desk.claim("saluki")
    await sign_in(page, desk)
    await shown(page, "Saluki")
    await page.keyboard.press("a")
    await page.close()

    async with asyncio.timeout(60):
        while await desk.waiting(event_id) is not None:  # noqa: ASYNC110 - nobody is left who would tell us
            await asyncio.sleep(0.02)


async def test_another_breed_is_found_by_a_few_letters_and_the_arrows(desk: Desk, page: Page) -> None:
    event_id = await desk.claim("saluki")
    await sign_in(page, desk)
    await shown(page, "Saluki")
    await page.keyboard.press("b")
    await expect(page.locator("#breed-list li").first).to_contain_text("Beagle")
    await look(page, "breeds-offered")
    await page.keyboard.type("podle", delay=5)
    await expect(page.locator("#breed-list li").first).to_contain_text("Poodle")
    await page.keyboard.press("ArrowDown")
    chosen = await page.locator("[aria-selected=true] span").inner_text()
    await look(page, "breeds-typed")
    await page.keyboard.press("Enter")
    await expect(page.locator("#empty")).to_be_visible()
    await expect(page.locator("#left")).to_have_text("0 claims wait")

    decision = await desk.decision(event_id)
    assert decision.decision is Decision.ACCEPTED
    assert decision.breed is not None
    assert chosen != "Poodle"
    assert decision.breed.replace("_", " ").title() in chosen


async def test_who_types_and_presses_enter_at_once_gets_what_was_typed(desk: Desk, page: Page) -> None:
    event_id = await desk.claim("saluki")
    await sign_in(page, desk)
    await shown(page, "Saluki")
    await page.keyboard.press("b")
    await page.keyboard.type("pug")
    await page.keyboard.press("Escape")
    await expect(page.locator("#breeds")).to_be_hidden()
    await page.keyboard.press("b")
    await page.keyboard.type("newfoundland")
    await page.keyboard.press("Enter")
    await expect(page.locator("#left")).to_have_text("0 claims wait")

    assert (await desk.decision(event_id)).breed == "newfoundland"


async def test_what_somebody_typed_is_text_and_is_mapped_to_a_breed(desk: Desk, page: Page) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    mapped, attack = await desk.claim(suggestion="Basset"), await desk.claim(suggestion=nasty, top=TOP[1:])
    await sign_in(page, desk)
    await shown(page, "“Basset”")
    await look(page, "suggestion")
    await page.keyboard.press("a")
    await expect(page.locator("#breed-query")).to_have_value("Basset")
    await expect(page.locator("#breed-list li").first).to_contain_text("Basset Hound")
    await look(page, "suggestion-mapped")
    await page.keyboard.press("Enter")
    await shown(page, f"“{nasty}”")
    assert await page.locator("#claim img").count() == 0
    await page.keyboard.press("r")
    await expect(page.locator("#left")).to_have_text("0 claims wait")
    await page.reload()
    await expect(page.locator("#empty")).to_be_visible()

    assert (await desk.decision(mapped)).breed == "basset_hound"
    assert (await desk.decision(attack)).decision is Decision.REJECTED


async def test_of_two_moderators_the_second_is_told_who_was_first(desk: Desk, page: Page) -> None:
    await desk.claim("saluki")
    await desk.claim("borzoi", top=TOP[1:])
    await sign_in(page, desk)
    await shown(page, "Saluki")
    async with desk.signed_in(BEA) as bea:
        (card, *_) = (await bea.get("/api/next"))[1]["cards"]
        await bea.decide(card["event_id"], "accept")
    await page.keyboard.press("r")

    await expect(page.locator(".toast")).to_contain_text("Another moderator accepted this one")
    await look(page, "second")
    await shown(page, "Borzoi")
    await expect(page.locator("#left")).to_have_text("One claim waits")
    await expect(page.locator("[data-act=undo]")).to_be_disabled()


async def test_the_evidence_is_shown_for_one_breed_after_the_other(desk: Desk, page: Page) -> None:
    await desk.claim("saluki")
    await sign_in(page, desk)
    await shown(page, "Saluki")
    plain = await page.locator("#photo").get_attribute("src")
    await page.keyboard.press("h")
    await expect(page.locator("#heat-caption")).to_have_text("What speaks for: Beagle")
    await expect(page.locator("#photo")).not_to_have_attribute("src", plain or "")
    assert await page.locator("#photo").evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 300
    assert await page.locator("[data-act=heat]").get_attribute("aria-pressed") == "true"
    await page.keyboard.press("h")
    await expect(page.locator("#heat-caption")).to_have_text("The model that answers now has no picture of: Saluki")
    await page.keyboard.press("h")

    await expect(page.locator("#heat-caption")).to_be_hidden()
    await expect(page.locator("#photo")).to_have_attribute("src", plain or "")
    assert [breed for _, breed in desk.heat_asked] == ["beagle", "saluki"]


async def test_without_heat_maps_there_is_no_key_for_them(desk: Desk, page: Page) -> None:
    desk.mount(heat=False)
    await desk.claim("saluki")
    await sign_in(page, desk)
    await shown(page, "Saluki")
    await page.keyboard.press("h")

    await expect(page.locator("[data-act=heat]")).to_be_hidden()
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_visible()
    await expect(page.locator("#help-heat")).to_be_hidden()


async def test_a_key_held_down_or_pressed_with_control_decides_nothing(desk: Desk, page: Page) -> None:
    events = [await desk.claim(breed) for breed in ("saluki", "borzoi", "pug")]
    await sign_in(page, desk)
    await shown(page, "Saluki")
    await page.keyboard.press("Control+a")
    await page.keyboard.down("a")
    for _ in range(3):
        await page.keyboard.down("a")
    await page.keyboard.up("a")
    await decided(page, "Accepted: Saluki")

    assert [await desk.waiting(event_id) is None for event_id in events] == [True, False, False]


async def test_a_claim_is_not_decided_before_its_photo_is_there(desk: Desk, page: Page) -> None:
    event_id = await desk.claim("saluki")
    may_come = asyncio.Event()

    async def slowly(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    await page.route("**/photos/*", slowly)
    await sign_in(page, desk)
    await expect(page.locator("#claim")).to_have_text("Saluki")
    await page.keyboard.press("a")
    assert await page.locator("#work").is_visible()
    may_come.set()
    await shown(page, "Saluki")
    await page.keyboard.press("a")
    await expect(page.locator("#left")).to_have_text("0 claims wait")

    assert await desk.waiting(event_id) is None


async def test_what_is_not_saved_comes_back(desk: Desk, page: Page) -> None:
    event_id = await desk.claim("saluki")
    await sign_in(page, desk)
    await shown(page, "Saluki")
    await page.route("**/api/decide", lambda route: route.abort())
    await page.keyboard.press("a")
    await expect(page.locator("#trouble")).to_contain_text("try again")
    await shown(page, "Saluki")
    await look(page, "trouble")
    assert await desk.waiting(event_id) is not None
    await page.unroute("**/api/decide")
    await page.keyboard.press("a")
    await expect(page.locator("#left")).to_have_text("0 claims wait")
    await expect(page.locator("#trouble")).to_be_hidden()

    assert await desk.waiting(event_id) is None


async def test_who_is_no_moderator_any_more_is_told_and_nothing_is_saved(desk: Desk, page: Page) -> None:
    event_id = await desk.claim("saluki")
    await sign_in(page, desk)
    await shown(page, "Saluki")
    desk.moderators.remove(ADA)
    await page.keyboard.press("a")

    await expect(page.locator("#signed-out h1")).to_have_text("You are signed out")
    await expect(page.locator("#work")).to_be_hidden()
    await look(page, "signed-out")
    assert await desk.waiting(event_id) is not None
    await page.reload()
    await expect(page.locator("h1")).to_have_text("You are signed out")


async def test_new_claims_appear_on_the_empty_page(desk: Desk, page: Page) -> None:
    await sign_in(page, desk)
    await expect(page.locator("#empty h1")).to_have_text("All caught up")
    await look(page, "empty")
    await desk.claim("saluki")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    await shown(page, "Saluki")


async def test_signing_out_is_a_button(desk: Desk, page: Page) -> None:
    await sign_in(page, desk)
    await page.get_by_role("button", name="Sign out").click()

    await expect(page.locator("h1")).to_have_text("Review claims")
    await look(page, "login")
    assert await page.context.cookies() == []


async def test_scripts_cannot_read_the_pass(desk: Desk, page: Page) -> None:
    await sign_in(page, desk)

    assert await page.evaluate("document.cookie") == ""
    (cookie,) = await page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("breedbot", True, "Strict")


@pytest.mark.parametrize(
    ("scheme", "width", "height"),
    [
        ("light", 320, 568), ("light", 390, 780), ("dark", 390, 780), ("light", 800, 1000), ("light", 844, 390),
        ("light", 1280, 800), ("dark", 1280, 800), ("light", 1920, 1080),
    ],
)  # fmt: skip
async def test_everything_fits_on_any_screen(
    desk: Desk, browser: Browser, scheme: Literal["light", "dark"], width: int, height: int
) -> None:
    top = (BreedScore("basset_hound", 0.57), BreedScore("wirehaired_pointing_griffon", 0.22), *TOP[2:])
    basset, saluki = photo_of("basset_hound"), photo_of("saluki")
    await desk.claim("beagle", photo=basset, top=top, not_a_dog=0.06)
    for breed in ("whippet", "pug", "boxer"):
        await desk.claim(breed, top=TOP[2:], photo=photo_of(breed))
    await desk.claim("soft_coated_wheaten_terrier", verdict=Verdict.CORRECT, photo=saluki, top=TOP[1:])
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        has_touch=width < 500,
    )
    page = await context.new_page()
    await sign_in(page, desk)
    await expect(page.locator("#stage")).to_have_attribute("aria-busy", "false")
    for _ in range(3):
        before = await page.locator("#claim").inner_text()
        await page.keyboard.press("a")
        await expect(page.locator("#claim")).not_to_have_text(before)
        await expect(page.locator("#stage")).to_have_attribute("aria-busy", "false")

    await look(page, f"{scheme}-{width}x{height}")
    for selector in ("html", "#work", ".panel", ".actions", ".top"):
        box = page.locator(selector)
        assert await box.evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0, selector
    assert await page.evaluate("document.documentElement.scrollHeight") <= height
    photo = await page.locator("#photo").bounding_box()
    assert photo is not None
    assert photo["height"] >= height * 0.25
    for button in await page.locator(".action:visible").all():
        box_of = await button.bounding_box()
        assert box_of is not None
        assert box_of["y"] + box_of["height"] <= height
        assert box_of["height"] >= 38
    await context.close()
