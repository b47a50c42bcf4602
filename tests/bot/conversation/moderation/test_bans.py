"""A moderator can stop somebody from using the bot; what is stored of them stays theirs."""

import pytest
from stage import NAMED, Stage, photo, shown

from sandbox import ALICE, BRUNO, DAN, DOG_PARK


@pytest.fixture(autouse=True)
def dan_moderates(stage: Stage) -> None:
    stage.moderators.add(DAN.id)


async def answer_to(stage: Stage, text: str) -> str:
    return (await stage.chat.wait_for_reply(await stage.chat.send_text(DAN, text))).text


async def test_who_is_banned_is_told_once_and_gets_no_answers_until_unbanned(stage: Stage) -> None:
    async with stage.bot():
        banned = await answer_to(stage, f"/ban {ALICE.id}")
        first = await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
        for text in ("hello", "/stats"):
            await stage.chat.send_text(ALICE, text)
        await stage.settled()
        said = [one for one in stage.chat.messages(ALICE) if one.from_bot]
        unbanned = await answer_to(stage, f"/unban {ALICE.id}")
        answer = await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))

    assert str(ALICE.id) in banned
    assert first.text == shown("en", "banned")
    assert len(said) == 1
    assert "again" in unbanned
    assert answer.has_button("✅")


async def test_a_button_of_before_the_ban_does_nothing_any_more(stage: Stage) -> None:
    async with stage.bot():
        answer = await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
        await answer_to(stage, f"/ban {ALICE.id}")
        reaction = await (await stage.chat.press(answer, "✅")).answer()

        assert (reaction.text, reaction.show_alert) == (shown("en", "toast-banned"), True)
        assert await stage.claims() == []


async def test_who_is_banned_still_gets_their_data_and_may_have_it_deleted(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
        await answer_to(stage, f"/ban {ALICE.id}")
        await stage.chat.send_text(ALICE, "/mydata")
        await stage.chat.wait_for(lambda one: one.kind == "document", chat=ALICE)
        page = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/privacy"))
        await stage.chat.press(page, "🗑")
        question = await stage.chat.wait_for(lambda one: one.has_button("⬅"), chat=ALICE)
        await stage.chat.press(question, "🗑")
        await stage.chat.wait_for(lambda one: "Answers: 1" in one.text, chat=ALICE)
        async with stage.database.unit(read_only=True) as unit:
            alice = await unit.users.get(ALICE.id)
            photos = await unit.photos.count()

    assert alice is not None
    assert alice.banned_at is not None
    assert photos == 0


async def test_in_a_group_a_reply_names_who_is_meant_and_the_bot_is_silent_to_them(stage: Stage) -> None:
    async with stage.bot():
        rude = await stage.chat.send_text(BRUNO, "…", chat=DOG_PARK)
        asked = await stage.chat.send_text(DAN, "/ban", chat=DOG_PARK, reply_to=rude)
        done = await stage.chat.wait_for_reply(asked)
        await stage.chat.send_photo(BRUNO, photo(), chat=DOG_PARK, caption=NAMED)
        await stage.settled()

    assert str(BRUNO.id) in done.text
    assert [one for one in stage.chat.messages(DOG_PARK) if one.from_bot][-1].message_id == done.message_id


async def test_moderators_are_not_banned_and_nobody_else_bans(stage: Stage) -> None:
    async with stage.bot():
        refused = await answer_to(stage, f"/ban {DAN.id}")
        usage = [await answer_to(stage, text) for text in ("/ban", "/unban me", "/ban 1 2", f"/ban {10**19}")]
        asked = await stage.chat.send_text(ALICE, f"/ban {BRUNO.id}")
        stranger = await stage.chat.wait_for_reply(asked)
        twice = [await answer_to(stage, text) for text in ("/ban 42", "/ban 42", "/unban 42", "/unban 42")]

    assert "can’t be banned" in refused
    assert all("/ban ID" in text for text in usage)
    assert stranger.text == shown("en", "notice-unknown-command")
    assert [text.split(".")[0] for text in twice] == [
        "🚫 42 gets no answers any more", "42 is banned already", "✅ 42 gets answers again", "42 is not banned"
    ]  # fmt: skip
