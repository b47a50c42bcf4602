"""/history, /language and /cancel: what concerns the one who asks, and nobody else."""

import pytest
from answers import answered, became
from stage import NAMED, Stage, asked, photo, shown, turned

from bot.conversation.personal.help_view import help_
from bot.conversation.personal.history_view import ON_PAGE
from sandbox import ALICE, BRUNO, CHLOE, DAN, DOG_PARK, PERSONAS
from sandbox.api.methods_bot import commands_for


async def test_history_shows_each_answer_with_what_was_said_of_it(stage: Stage) -> None:
    async with stage.bot():
        nothing = await asked(stage, "/history")
        first = await answered(stage)
        await stage.chat.press(first, "✅")
        await became(stage, first, "↩️")
        second = await answered(stage)
        await stage.chat.press(second, "❌")
        await stage.chat.press(await became(stage, second, "Bloodhound"), "Bloodhound")
        await became(stage, second, "↩️")
        third = await answered(stage)
        await stage.chat.press(third, "✅")
        await stage.chat.press(await became(stage, third, "↩️"), "↩️")  # and takes it back
        await became(stage, third, "✅")
        history = await asked(stage, "/history")

    entries = history.text.split("\n\n")
    assert nothing.text == shown("en", "history-none")
    assert "3 answers" in entries[0]
    assert ["You" in one for one in entries[1:4]] == [False, True, True]
    assert "You said: Bloodhound." in entries[2]
    assert "You agreed." in entries[3]
    assert all("Beagle — 70%" in one for one in entries[1:4])
    assert all("1 minute ago" in one for one in entries[1:4])
    assert history.buttons == (("⬆️ 1", "⬆️ 2", "⬆️ 3"),)


async def test_history_leads_back_to_an_answer_and_gives_one_again_that_was_deleted(stage: Stage) -> None:
    async with stage.bot():
        first, second = await answered(stage), await answered(stage)
        await stage.chat.press(first, "✅")
        await became(stage, first, "↩️")
        await stage.app.parts.bot.delete_message(ALICE.id, first.message_id)
        history = await asked(stage, "/history")
        await turned(stage, history, "⬆️ 1")
        pointer = stage.chat.messages(ALICE)[-1]
        await turned(stage, history, "⬆️ 2")
        again = stage.chat.messages(ALICE)[-1]
        await stage.chat.press(again, "↩️")  # it is the answer from now on
        await became(stage, again, "✅")

    assert pointer.reply_to_id == second.message_id
    assert "my answer of 1 minute ago" in pointer.text
    assert again.reply_to_id == first.reply_to_id
    assert "You confirmed: Beagle" in again.text


async def test_history_is_paged(stage: Stage) -> None:
    async with stage.bot():
        for _ in range(ON_PAGE + 2):
            await answered(stage)
        newest = await asked(stage, "/history")
        older = await turned(stage, newest, "Older")
        newest_again = await turned(stage, older, "Newer")

    assert newest.buttons == (tuple(f"⬆️ {number}" for number in range(1, ON_PAGE + 1)), ("Older ➡",))
    assert older.buttons == (("⬆️ 7", "⬆️ 8"), ("⬅ Newer",))
    assert (newest.text.count("🐶"), older.text.count("🐶")) == (ON_PAGE, 2)
    assert "page 2 of 2" in older.text
    assert newest_again.text == newest.text


async def test_history_is_one_s_own_and_kept_out_of_groups(stage: Stage) -> None:
    async with stage.bot():
        await answered(stage, DAN)
        sent = await stage.chat.send_photo(DAN, photo(3), chat=DOG_PARK, caption=NAMED)
        await stage.chat.wait_for_reply(sent)
        await stage.settled()

        assert (await asked(stage, "/history")).text == shown("en", "history-none")
        assert (await asked(stage, "/history", DAN, DOG_PARK)).text == shown("en", "history-private")
        theirs = await asked(stage, "/history", DAN)
        assert "2 answers" in theirs.text
        assert "in a group" in theirs.text
        assert theirs.buttons == (("⬆️ 2",),)  # the group's is behind a link


async def test_a_page_of_history_is_turned_by_its_owner_only(stage: Stage) -> None:
    async with stage.bot():
        for _ in range(ON_PAGE + 1):
            await answered(stage)
        history = await asked(stage, "/history")
        theirs = await stage.chat.press_data(history, history.data_of("Older"), user=BRUNO)
        nonsense = await stage.chat.press_data(history, f"1:own:hist:{ALICE.id}:9999999999999999")
        await nonsense.answer()
        await stage.settled()

        assert (await theirs.answer()).text == shown("fr", "toast-not-for-you")
        assert "page 2 of 2" in stage.chat.message(history).text


def menu(stage: Stage, who: object) -> str:
    """The first command's description, as this person's app shows it."""
    commands = commands_for(stage.chat.world, who.language_code, who.id)  # type: ignore[attr-defined]
    return commands[0]["description"] if commands else ""


async def test_everybody_is_spoken_to_as_their_telegram_speaks(stage: Stage) -> None:
    people = {person.language_code: person for person in PERSONAS}
    async with stage.bot():
        await stage.until(lambda: menu(stage, people["pt-br"]) != "")
        said = {code: (await asked(stage, "/start", person)).text for code, person in people.items()}
        menus = {code: menu(stage, person) for code, person in people.items()}

    assert [said[code].split()[1] for code in ("en", "fr", "de", "es", "pt-br")] == [
        "Hi!", "Salut", "Hallo!", "¡Hola!", "Oi!",
    ]  # fmt: skip
    assert menus == {code: shown(code[:2], "command-start") for code in people}


async def test_a_language_is_chosen_and_stays_after_a_restart_until_telegrams_is_wanted_again(stage: Stage) -> None:
    async with stage.bot():
        await stage.until(lambda: menu(stage, ALICE) == shown("en", "command-start"))
        question = await asked(stage, "/language")
        french = await turned(stage, question, "Français")
        in_french = menu(stage, ALICE)
    async with stage.bot():
        help_in_french = await asked(stage, "/help")
        automatic = await turned(stage, french, "Telegram")
        help_in_english = await asked(stage, "/help")

    assert question.buttons == (
        ("Deutsch", "English"),
        ("Español", "Français"),
        ("Português",),
        ("✓ As Telegram does",),
        ("⚙️ Settings",),
    )
    assert french.text == "🌐 Désormais, je te parle en français."
    assert french.buttons == (
        ("Deutsch", "English"),
        ("Español", "✓ Français"),
        ("Português",),
        ("Comme Telegram",),
        ("⚙️ Réglages",),
    )
    assert in_french == shown("fr", "command-start")
    assert help_("fr").plain[:10] in " ".join(help_in_french.text.split())
    assert automatic.buttons == question.buttons
    assert help_("en").plain[:10] in " ".join(help_in_english.text.split())
    assert menu(stage, ALICE) == shown("en", "command-start")


async def test_answers_come_in_the_language_that_was_chosen(stage: Stage) -> None:
    async with stage.bot():
        await turned(stage, await asked(stage, "/language", CHLOE), "English")
        answer = await answered(stage, CHLOE)

    assert answer.text.startswith("🐶 Probably")


async def test_somebody_else_s_language_cannot_be_chosen(stage: Stage) -> None:
    async with stage.bot():
        question = await asked(stage, "/language", ALICE, DOG_PARK)
        press = await stage.chat.press(question, "Français", user=DAN)

        assert (await press.answer()).text == shown("en", "toast-not-for-you")


@pytest.mark.parametrize("choice", ["xx", "auto", "EN"])
async def test_a_language_that_there_is_not_is_none(stage: Stage, choice: str) -> None:
    async with stage.bot():
        question = await asked(stage, "/language")
        await (await stage.chat.press_data(question, f"1:own:lang:{ALICE.id}:{choice}")).answer()
        await stage.settled()

        assert stage.edit_database("SELECT language FROM users") == [(None,)]


async def test_a_moderator_keeps_their_commands_in_the_language_they_choose(stage: Stage) -> None:
    stage.moderators.add(DAN.id)
    async with stage.bot():
        await turned(stage, await asked(stage, "/language", DAN), "Français")
        commands = {one["command"]: one["description"] for one in commands_for(stage.chat.world, "en", DAN.id)}

    assert commands["review"] == shown("fr", "command-review")


async def test_cancel_ends_the_search_for_a_name(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "❌")
        await stage.chat.press(await became(stage, answer, "🔎"), "🔎")
        await stage.settled()
        cancelled = await asked(stage, "/cancel")
        again = await asked(stage, "/cancel")
        await asked(stage, "pug")

        assert cancelled.text == shown("en", "cancel-done")
        assert again.text == shown("en", "cancel-nothing")
        assert await stage.claims() == []


async def test_every_command_is_described_in_every_language(stage: Stage) -> None:
    async with stage.bot():
        await stage.until(lambda: menu(stage, CHLOE) == shown("fr", "command-start"))
        english, french = (commands_for(stage.chat.world, one.language_code, one.id) for one in (ALICE, CHLOE))

    assert [one["command"] for one in english] == [one["command"] for one in french]
    assert {"breeds", "history", "language", "cancel"} <= {one["command"] for one in english}
    assert all(mine["description"] != yours["description"] for mine, yours in zip(english, french, strict=True))
