"""The chat page in a real browser: a photo goes in, an answer with buttons comes back, a button is pressed."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import telegram
from checkout import SHARED
from chromium import IN_A_BROWSER
from localchat_photos import picture
from playwright.async_api import Browser, Page, expect
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)

from sandbox import ALICE, BRUNO, PERSONAS, LocalChat

ORIGINALS = SHARED / "originals"
SCREENSHOTS = os.environ.get("LOCALCHAT_SCREENSHOTS")  # a folder, to look at them

pytestmark = IN_A_BROWSER


@pytest_asyncio.fixture
async def page(browser: Browser, chat: LocalChat) -> AsyncIterator[Page]:
    """Alice's; any error in the page, and any request to elsewhere, fails the test."""
    page = await browser.new_page(viewport={"width": 1100, "height": 760})
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "request", lambda request: None if request.url.startswith((chat.url, "blob:")) else troubles.append(request.url)
    )
    await page.goto(f"{chat.url}/?user=alice")
    await page.locator("#empty").wait_for()
    yield page
    assert troubles == []


@pytest_asyncio.fixture
async def echo(bot: telegram.Bot) -> AsyncIterator[telegram.Bot]:
    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(answer(bot))
        yield bot
        answering.cancel()


async def answer(bot: telegram.Bot) -> None:
    """Answers a photo with buttons, a pressed one with thanks."""
    buttons = InlineKeyboardMarkup.from_row(
        [InlineKeyboardButton("✅ Right", callback_data="ok"), InlineKeyboardButton("❌ Wrong", callback_data="no")]
    )
    offset = 0
    while True:
        for update in await bot.get_updates(offset=offset, timeout=30):
            offset = update.update_id + 1
            if update.message and update.message.photo:
                await update.message.reply_html("It is a <b>Beagle</b>.", reply_markup=buttons, do_quote=True)
            if update.callback_query:
                await update.callback_query.answer("Noted!", show_alert=update.callback_query.data == "no")
                await update.callback_query.edit_message_text("Thanks!")


def dog(folder: Path) -> Path:
    """A real photo where there is one."""
    if ORIGINALS.is_dir():
        return next(ORIGINALS.iterdir())
    made = folder / "dog.jpg"
    made.write_bytes(picture(900, 600))
    return made


async def look(page: Page, name: str) -> None:
    if SCREENSHOTS:
        await page.screenshot(path=f"{SCREENSHOTS}/{name}.png")


async def below(page: Page) -> int:
    """How far the log goes on below what can be seen, in pixels."""
    await page.locator("#log img").evaluate_all("(images) => Promise.all(images.map((image) => image.decode()))")
    return int(await page.locator("#scroller").evaluate("(one) => one.scrollHeight - one.scrollTop - one.clientHeight"))


async def test_a_photo_is_sent_and_a_button_pressed(
    chat: LocalChat, echo: telegram.Bot, page: Page, tmp_path: Path
) -> None:
    await page.set_input_files("#files", dog(tmp_path))
    await page.fill("#text", "who?")
    await page.click("#send")
    await page.get_by_role("button", name="✅ Right").click()
    await page.locator("#log").get_by_text("Thanks!").wait_for()
    await page.get_by_text("Noted!").wait_for()

    await look(page, "answered")
    sent, answered = chat.messages(ALICE)
    assert (sent.kind, sent.text) == ("photo", "who?")
    assert (answered.text, answered.buttons, answered.reply_to_id) == ("Thanks!", (), sent.message_id)
    assert (
        await page.locator("#log .own img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 300
    )
    assert await page.locator("#empty").is_hidden()


async def test_a_photo_with_buttons_is_shown_to_its_end_and_any_part_of_a_button_can_be_clicked(
    chat: LocalChat, bot: telegram.Bot, page: Page
) -> None:
    rows = [[InlineKeyboardButton(f"Key {number}", callback_data=f"{number}")] for number in range(6)]
    await bot.send_photo(ALICE.id, picture(900, 1200), caption="Who?", reply_markup=InlineKeyboardMarkup(rows))
    left = await below(page)
    last = page.get_by_role("button", name="Key 5")
    await page.locator("#scroller").evaluate("(one) => one.scrollBy(0, -20)")  # half of it is hidden now
    await last.click(position={"x": 5, "y": 3})

    await look(page, "photo-with-keys")
    assert left <= 1
    (press,) = [update.callback_query for update in await bot.get_updates(timeout=5)]
    assert press is not None
    assert press.data == "5"


async def test_an_alert_waits_for_ok(echo: telegram.Bot, page: Page, tmp_path: Path) -> None:
    await page.set_input_files("#files", dog(tmp_path))
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="❌ Wrong").click()

    alert = page.locator("#alert")
    await alert.get_by_text("Noted!").wait_for()
    await alert.get_by_role("button", name="OK").click()

    await alert.wait_for(state="hidden")


async def test_text_from_the_bot_is_never_markup(bot: telegram.Bot, page: Page) -> None:
    await bot.send_message(ALICE.id, "<img src=x onerror=alert(1)> <b>plain</b>")

    await page.locator("#log").get_by_text("<img src=x onerror=alert(1)> <b>plain</b>").wait_for()


async def test_several_photos_are_one_album_and_typing_is_shown(
    chat: LocalChat, bot: telegram.Bot, page: Page, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.png" for number in range(3)]
    for file in files:
        file.write_bytes(picture(300, 200, "PNG"))
    await page.set_input_files("#files", files)
    await page.click("#send")
    await page.locator("#log .own .photo").nth(2).wait_for()
    await bot.send_chat_action(ALICE.id, "typing")

    await page.get_by_text("breedbot is typing…").wait_for()
    assert await page.locator("#log .bubble").count() == 1
    assert len({message.album for message in chat.messages(ALICE)}) == 1


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_answer_to_an_album_is_in_sight_also_after_a_reload_and_in_another_chat(
    chat: LocalChat, bot: telegram.Bot, browser: Browser, width: int
) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 800})
    await page.goto(chat.url)
    await page.locator("#empty").wait_for()
    await chat.send_album(ALICE, [picture(900, 600 + 60 * number) for number in range(10)])
    keys = InlineKeyboardMarkup.from_row([InlineKeyboardButton(f"{number}", callback_data="x") for number in range(5)])
    await bot.send_message(ALICE.id, "\n".join(f"{number} · Beagle" for number in range(10)), reply_markup=keys)
    await page.locator(".key").nth(4).wait_for()
    answered = await below(page)
    await look(page, f"album-{width}")
    await page.reload()
    await page.locator(".key").nth(4).wait_for()
    reloaded = await below(page)
    await page.goto(f"{chat.url}/?chat=group")
    await page.locator("#empty").wait_for()
    await page.locator("#chats .entry").first.evaluate("(entry) => entry.click()")
    await page.locator(".key").nth(4).wait_for()

    assert (answered, reloaded, await below(page)) == (0, 0, 0)
    await page.close()


async def test_who_reads_further_up_is_not_carried_away(chat: LocalChat, bot: telegram.Bot, page: Page) -> None:
    await chat.send_album(ALICE, [picture(900, 900)] * 10)
    await bot.send_message(ALICE.id, "line\n" * 60 + "old")
    await page.locator("#log").get_by_text("old").wait_for()
    await below(page)
    await page.locator("#scroller").evaluate(
        "(one) => new Promise((done) => { one.addEventListener('scroll', done, {once: true}); one.scrollBy(0, -400); })"
    )
    await bot.send_message(ALICE.id, "new")
    await page.locator("#newest").wait_for()

    assert await below(page) >= 400
    await page.click("#newest")
    assert await below(page) == 0


@pytest.mark.parametrize("count", [2, 3, 5, 7, 10])
async def test_an_album_is_a_mosaic_about_as_high_as_wide(chat: LocalChat, page: Page, count: int) -> None:
    shapes = [(900, 600), (600, 900), (800, 800)]
    await chat.send_album(ALICE, [picture(*shapes[number % 3]) for number in range(count)])
    await page.locator(".mosaic img").nth(count - 1).wait_for()
    await below(page)
    await look(page, f"mosaic-{count}")
    album = await page.locator(".mosaic").bounding_box()
    tiles = [await one.bounding_box() for one in await page.locator(".mosaic .photo").all()]

    assert album is not None
    assert 0.4 < album["height"] / album["width"] < 1.6
    area = sum(tile["width"] * tile["height"] for tile in tiles if tile)
    assert area > 0.95 * album["width"] * album["height"]  # the rest is what separates them


async def test_nothing_shines_through_behind_a_photo(chat: LocalChat, page: Page) -> None:
    await chat.send_photo(ALICE, picture(300, 200))
    await page.locator("#log .photo").click()
    await page.locator("#lightbox-image").wait_for()
    await look(page, "lightbox")

    colour = await page.locator("#lightbox").evaluate("(one) => getComputedStyle(one).backgroundColor")
    assert colour.startswith("rgb(")  # rgba where one sees through


async def test_pictures_that_came_while_the_server_was_gone_are_there_when_it_is_back(
    chat: LocalChat, page: Page
) -> None:
    await page.route("**/api/files/*", lambda route: route.abort())
    await chat.send_photo(ALICE, picture(300, 200))
    image = page.locator("#log img")
    await image.wait_for(state="attached")
    await expect(image).to_have_js_property("complete", value=True)
    await expect(image).to_have_js_property("naturalWidth", 0)
    await page.unroute("**/api/files/*")
    chat.world.events.hang_up()

    await expect(image).to_have_js_property("naturalWidth", 300)


@pytest.mark.parametrize("width", [390, 1280])
async def test_each_button_is_on_one_line(chat: LocalChat, bot: telegram.Bot, browser: Browser, width: int) -> None:
    words = [
        ["✅ American Staffordshire Terrier", "❌ Something else"],
        ["🔥 Pourquoi ?", "📊 Top 3", "ℹ️ La race"],
        ["1", "2", "3", "4", "5"],
        ["One that is longer than any bubble can be wide, " * 2],
    ]
    rows = [[InlineKeyboardButton(text, callback_data="x") for text in row] for row in words]
    page = await browser.new_page(viewport={"width": width, "height": 800})
    await page.goto(chat.url)
    await page.locator("#empty").wait_for()
    await bot.send_message(ALICE.id, "Yes?", reply_markup=InlineKeyboardMarkup(rows))
    await page.locator(".key").nth(10).wait_for()
    await look(page, f"keys-{width}")
    keys = [await one.bounding_box() for one in await page.locator(".key").all()]

    assert {round(key["height"]) for key in keys if key} == {40}
    cut = await page.locator(".key span").evaluate_all(
        "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
    )
    assert cut == words[3]
    numbers = [key["width"] for key in keys[5:10] if key]
    assert max(numbers) - min(numbers) < 1
    await page.close()


async def test_dropped_and_pasted_files_wait_in_the_tray(page: Page) -> None:
    script = """(target, type) => {
        const data = new DataTransfer();
        data.items.add(new File(["x"], `${type}.txt`));
        const init = {bubbles: true, cancelable: true};
        const [Kind, name] = type === "paste" ? [ClipboardEvent, "clipboardData"] : [DragEvent, "dataTransfer"];
        target.dispatchEvent(new Kind(type, {...init, [name]: data}));
    }"""
    await page.locator("#scroller").evaluate(script, "drop")
    await page.locator("#text").evaluate(script, "paste")

    await page.get_by_text("drop.txt").wait_for()
    await page.get_by_text("paste.txt").wait_for()
    await page.get_by_role("button", name="Remove drop.txt").click()
    assert await page.locator("#tray-files li").count() == 1


async def test_commands_are_offered_in_the_persons_language(chat: LocalChat, bot: telegram.Bot, page: Page) -> None:
    await bot.set_my_commands([("help", "What I can do")])
    await bot.set_my_commands([("help", "Ce que je sais faire")], language_code="fr")
    await page.get_by_role("button", name="Bruno").click()
    await page.get_by_text("Vous êtes").wait_for()
    await page.fill("#text", "/he")
    await page.get_by_text("Ce que je sais faire").click()

    sent = await chat.wait_for(lambda message: message.text == "/help")
    assert sent.sender_id == BRUNO.id


async def test_a_command_is_chosen_with_the_arrow_keys(chat: LocalChat, bot: telegram.Bot, page: Page) -> None:
    await bot.set_my_commands([("start", "Hello"), ("breed", "Which breed?"), ("breeds", "All of them")])
    await page.focus("#text")
    await page.keyboard.type("/b")
    await page.get_by_text("Which breed?").wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.type("r")  # goes on in the field
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    sent = await chat.wait_for(lambda message: not message.from_bot)
    assert sent.text == "/breeds"
    assert await page.input_value("#text") == ""


async def test_a_caption_is_edited_added_and_taken_away(chat: LocalChat, bot: telegram.Bot, page: Page) -> None:
    await chat.send_album(ALICE, [picture(300, 200), picture(300, 200)])
    row = page.locator("#log .row")
    await row.hover()
    await row.get_by_role("button", name="Edit").click()
    await page.keyboard.type("/breed pleas")
    await look(page, "editing")
    await page.keyboard.press("Enter")
    await row.get_by_text("edited").wait_for()
    await page.keyboard.press("ArrowUp")  # as in Telegram's apps: the last one
    await page.keyboard.type("e")
    await page.keyboard.press("Enter")
    await row.get_by_text("please").wait_for()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Escape")
    await page.keyboard.type("not an edit")
    await page.keyboard.press("Enter")
    await chat.wait_for(lambda message: message.text == "not an edit")
    first = chat.messages(ALICE)[0]
    await row.first.hover()
    await row.first.get_by_role("button", name="Edit").click()
    await page.fill("#text", "")
    await page.keyboard.press("Enter")
    await row.get_by_text("please").wait_for(state="detached")

    assert first.text == "/breed please"
    assert chat.message(first).text == ""
    edits = [update.edited_message for update in await bot.get_updates() if update.edited_message]
    assert [message.caption for message in edits] == ["/breed pleas", "/breed please", None]


async def test_on_a_phone_a_tap_on_a_message_shows_what_can_be_done_with_it(chat: LocalChat, browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 800}, has_touch=True)
    await page.goto(chat.url)
    await page.locator("#empty").wait_for()
    await chat.send_text(ALICE, "helo")
    await page.locator("#log").get_by_text("helo").tap()
    await look(page, "tools-390")
    await page.get_by_role("button", name="Edit").tap()
    await page.fill("#text", "hello")
    await page.locator("#send").tap()
    await page.locator("#log").get_by_text("edited").wait_for()

    assert chat.messages(ALICE)[0].text == "hello"
    await page.close()


async def test_the_list_of_chats_shows_what_was_said_last(chat: LocalChat, bot: telegram.Bot, page: Page) -> None:
    lasts = page.locator("#chats .last")
    await chat.send_photo(ALICE, picture(300, 200))
    await expect(lasts).to_have_text(["You: Photo", "", ""])
    answered = await bot.send_message(ALICE.id, "A <b>Beagle</b>\n95%", "HTML")
    await expect(lasts).to_have_text(["A Beagle 95%", "", ""])
    await answered.edit_text("Thanks!")
    said = await chat.send_text(BRUNO, "Salut", chat="group")
    await expect(lasts).to_have_text(["Thanks!", "Bruno: Salut", ""])
    await expect(page.get_by_role("button", name="Dog park")).to_contain_text("new messages")
    await chat.delete(said)
    await expect(lasts).to_have_text(["Thanks!", "", ""])
    await look(page, "last")
    await page.reload()

    await expect(lasts).to_have_text(["Thanks!", "", ""])


async def test_one_click_makes_a_moderator_of_whom_the_page_says_the_id(
    chat: LocalChat, browser: Browser, page: Page
) -> None:
    await expect(page.locator("#moderator-how")).to_have_text(f"To be a moderator: BREEDBOT_MODERATORS={ALICE.id}")
    await expect(page.locator("#moderator")).to_be_hidden()
    moderators = chat.with_moderators(lambda: frozenset({BRUNO.id}))
    await page.reload()
    switch = page.get_by_role("switch", name="Moderator")
    await switch.check()
    await page.get_by_text("Alice is a moderator now").wait_for()
    await look(page, "moderator")
    both = moderators()
    await page.get_by_role("button", name="Bruno").click()
    await expect(page.locator("#my-id")).to_have_text(str(BRUNO.id))
    await expect(page.get_by_role("switch")).to_be_checked()
    await expect(page.get_by_role("switch")).to_be_disabled()  # listed by the host: no click takes that away
    await page.get_by_role("button", name="Alice").click()
    await expect(page.locator("#my-id")).to_have_text(str(ALICE.id))
    await switch.uncheck()
    await page.get_by_text("Alice is no moderator any more").wait_for()

    assert both == {ALICE.id, BRUNO.id}
    assert moderators() == {BRUNO.id}


async def test_the_keyboard_is_enough(chat: LocalChat, bot: telegram.Bot, page: Page) -> None:
    button = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Press me", callback_data="x"))
    await bot.send_message(ALICE.id, "sure?", reply_markup=button)
    key = page.get_by_role("button", name="Press me")
    await key.focus()
    await page.keyboard.press("Enter")
    await page.focus("#text")
    await page.keyboard.type("first")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second")
    await page.keyboard.press("Enter")

    assert (await chat.wait_for(lambda message: not message.from_bot)).text == "first\nsecond"
    kinds = {kind for update in await bot.get_updates() for kind in update.to_dict()}
    assert {"callback_query", "message"} <= kinds


async def test_a_lost_server_is_told_and_found_again(tmp_path: Path, browser: Browser) -> None:
    chat = LocalChat()
    await chat.start("127.0.0.1", 0, tmp_path)
    port = int(chat.url.rpartition(":")[2])
    page = await browser.new_page()
    await page.goto(chat.url)
    await page.locator("#empty").wait_for()
    await page.fill("#text", "a draft")

    await chat.stop()
    await page.get_by_text("The local chat does not answer").wait_for()
    await chat.start("127.0.0.1", port, tmp_path)
    await page.locator("#lost").wait_for(state="hidden")
    assert await page.input_value("#text") == "a draft"
    await page.keyboard.press("Enter")

    assert (await chat.wait_for(lambda message: message.text == "a draft")).sender_id == ALICE.id
    await page.close()
    await chat.stop()


@pytest.mark.parametrize("width", [320, 390, 1400])
async def test_nothing_runs_over_the_edge(chat: LocalChat, bot: telegram.Bot, browser: Browser, width: int) -> None:
    rows = [[InlineKeyboardButton("A rather long breed name " + "x" * 30, callback_data=str(n)) for n in range(2)]]
    page = await browser.new_page(viewport={"width": width, "height": 700}, color_scheme="dark")
    await page.goto(chat.url)
    await page.locator("#empty").wait_for()
    await chat.send_photo(ALICE, picture(2000, 400))
    await chat.send_text(ALICE, "w" * 300)
    await bot.send_message(ALICE.id, "Which?", reply_markup=InlineKeyboardMarkup(rows))
    await page.locator(".key").nth(1).wait_for()

    await look(page, f"width-{width}")
    for selector in ("body", "#scroller", "#composer", ".top"):
        wide = await page.locator(selector).evaluate("(one) => one.scrollWidth - one.clientWidth")
        assert wide <= 0, selector
    await page.close()


async def test_a_name_typed_behind_the_bots_offers_results_and_one_is_sent(
    chat: LocalChat, bot: telegram.Bot, page: Page
) -> None:
    button = InlineKeyboardButton("🔎 Search", switch_inline_query_current_chat="be")
    await bot.send_message(ALICE.id, "Breeds", reply_markup=InlineKeyboardMarkup.from_button(button))
    await page.get_by_role("button", name="🔎 Search").click()
    (asked,) = [update.inline_query for update in await bot.get_updates(timeout=5)]
    assert asked is not None
    content = InputTextMessageContent("<b>Beagle</b>", "HTML")
    await asked.answer([InlineQueryResultArticle("beagle", "Beagle", content, description="Scent hounds")])
    await page.get_by_text("Scent hounds").wait_for()
    await look(page, "inline")
    await page.get_by_role("button", name="Beagle").click()
    await page.get_by_text("via @").wait_for()

    assert asked.query == "be"
    assert chat.messages(ALICE)[-1].text == "Beagle"
    assert await page.input_value("#text") == ""
    assert await page.locator("#inline").is_hidden()


async def test_the_page_has_the_same_words_in_every_language(page: Page) -> None:
    words = await page.evaluate("async () => (await import('/page/words.js')).WORDS")
    holes = {
        language: {key: sorted(re.findall(r"{(\w+)}", said)) for key, said in known.items()}
        for language, known in words.items()
    }

    assert set(holes) == {person.language_code[:2] for person in PERSONAS}
    assert all(known == holes["en"] for known in holes.values())


@pytest.mark.parametrize(("person", "note"), [("emil", "Rechner"), ("marta", "este equipo"), ("davi", "computador")])
async def test_the_page_speaks_the_language_of_who_one_is(chat: LocalChat, page: Page, person: str, note: str) -> None:
    await page.goto(f"{chat.url}/?user={person}")

    await expect(page.locator("[data-word=note]").first).to_contain_text(note)


async def test_a_message_of_the_bot_gets_a_thumb_which_is_taken_away_by_a_second_tap(
    chat: LocalChat, bot: telegram.Bot, page: Page
) -> None:
    await bot.get_updates(allowed_updates=["message_reaction"])
    await bot.send_message(ALICE.id, "It is a Beagle.")
    thumb = page.get_by_role("button", name="React 👍")
    await page.locator("#log").get_by_text("It is a Beagle.").hover()
    await thumb.click()
    await page.locator(".reactions").get_by_text("👍").wait_for()
    await look(page, "reacted")
    await thumb.click()
    await page.locator(".reactions").wait_for(state="detached")

    changes = [update.message_reaction for update in await bot.get_updates()]
    assert [[len(one.old_reaction), len(one.new_reaction)] for one in changes if one] == [[0, 1], [1, 0]]


async def test_in_a_chat_without_the_bot_a_reply_with_its_name_asks_it(
    chat: LocalChat, bot: telegram.Bot, page: Page, tmp_path: Path
) -> None:
    await page.get_by_role("button", name="Sunday walk").click()
    await page.get_by_text("reply to a photo with @").wait_for()
    await page.set_input_files("#files", dog(tmp_path))
    await page.click("#send")
    await page.locator("#log .photo").wait_for()
    await page.locator("#log .photo").hover()
    await page.get_by_role("button", name="Reply").click()
    await page.fill("#text", "@breedbot_local_bot what is it?")
    await page.click("#send")
    (update,) = await bot.get_updates(timeout=5)
    assert update.guest_message is not None
    content = InputTextMessageContent("It is a <b>Beagle</b>.", "HTML")
    await bot.answer_guest_query(str(update.guest_message.guest_query_id), InlineQueryResultArticle("1", "x", content))
    await page.locator("#log").get_by_text("It is a Beagle.").wait_for()

    await look(page, "guest")
