"""In a group we answer who asks, and everybody only where an admin wants that; buttons belong to the sender."""

import pytest
from stage import NAMED, Stage, photo

from bot.texts import say_plain
from core.claim import Verdict
from sandbox import ALICE, BRUNO, CHLOE, DAN, DOG_PARK, ChatMessage
from sandbox.state.people import ANONYMOUS


def answers(stage: Stage) -> list[ChatMessage]:
    return [one for one in stage.chat.messages(DOG_PARK) if one.from_bot]


async def answered(stage: Stage, sent: ChatMessage) -> ChatMessage:
    answer = await stage.chat.wait_for(
        lambda one: one.from_bot and one.reply_to_id == sent.message_id and one.has_button("✅"), chat=DOG_PARK
    )
    await stage.settled()
    return answer


async def watch(stage: Stage, person: object, words: str, **options: bool) -> str:
    asked = await stage.chat.send_text(person, f"/watch {words}", chat=DOG_PARK, **options)  # type: ignore[arg-type]
    return (await stage.chat.wait_for_reply(asked, lambda one: one.reply_to_id == asked.message_id)).text


async def test_a_photo_that_is_for_nobody_is_left_alone_and_its_sender_is_not_noted(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.send_photo(DAN, photo(), chat=DOG_PARK)
        await stage.chat.send_text(CHLOE, "nice one", chat=DOG_PARK)
        await answered(stage, await stage.chat.send_photo(BRUNO, photo(2), chat=DOG_PARK, caption=NAMED))
        async with stage.database.unit() as unit:
            known = [await unit.users.get(person.id) for person in (DAN, CHLOE)]
            photos = await unit.photos.count()

    assert len(answers(stage)) == 1
    assert known == [None, None]
    assert photos == 1


@pytest.mark.parametrize("caption", [NAMED, f"what is it, {NAMED.upper()}?", "/breed", f"/breed{NAMED}"])
async def test_a_photo_that_names_us_is_answered(stage: Stage, caption: str) -> None:
    async with stage.bot():
        await answered(stage, await stage.chat.send_photo(BRUNO, photo(), chat=DOG_PARK, caption=caption))


async def test_a_mark_that_ends_inside_a_letter_marks_nobody_and_is_no_error(stage: Stage) -> None:
    about = {"entities": [{"type": "mention", "offset": 1, "length": 2}], "text": "🐕🐕 hello"}
    async with stage.bot():
        stage.chat.world.updates.add("message", stage.chat.world.post(DOG_PARK.id, BRUNO.to_user(), about).payload)
        await stage.settled()
        async with stage.database.unit() as unit:
            known = await unit.users.get(BRUNO.id)

    assert (answers(stage), known) == ([], None)


@pytest.mark.parametrize("caption", ["@another_bot", "/breed@another_bot", "breed", "breedbot_local_bot"])
async def test_a_photo_that_names_somebody_else_is_not(stage: Stage, caption: str) -> None:
    async with stage.bot():
        await stage.chat.send_photo(BRUNO, photo(), chat=DOG_PARK, caption=caption)
        await answered(stage, await stage.chat.send_photo(BRUNO, photo(2), chat=DOG_PARK, caption=NAMED))

    assert len(answers(stage)) == 1


async def test_a_photo_in_reply_to_us_is_answered(stage: Stage) -> None:
    async with stage.bot():
        ours = await answered(stage, await stage.chat.send_photo(BRUNO, photo(), chat=DOG_PARK, caption=NAMED))
        await answered(stage, await stage.chat.send_photo(DAN, photo(2), chat=DOG_PARK, reply_to=ours))


@pytest.mark.parametrize("words", ["/breed", f"/breed{NAMED}", f"{NAMED} and this one?"])
async def test_somebody_elses_earlier_photo_is_looked_at_for_the_one_who_asks(stage: Stage, words: str) -> None:
    async with stage.bot():
        earlier = await stage.chat.send_photo(DAN, photo(), chat=DOG_PARK)
        await stage.chat.send_text(BRUNO, words, chat=DOG_PARK, reply_to=earlier)
        answer = await answered(stage, earlier)
        refused = await (await stage.chat.press(answer, "✅", user=DAN)).answer()
        taken = await (await stage.chat.press(answer, "✅", user=BRUNO)).answer()
        await stage.settled()
        (claim,) = await stage.claims()

    assert refused.show_alert
    assert not taken.show_alert
    assert claim.user_id == BRUNO.id


async def test_breed_without_a_photo_says_how_it_is_meant(stage: Stage) -> None:
    async with stage.bot():
        reply = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/breed"))

    assert reply.text == say_plain("en", "notice-breed-of-what")


async def test_an_album_of_which_one_photo_names_us_is_answered_as_a_whole(stage: Stage) -> None:
    async with stage.bot():
        album = await stage.chat.send_album(BRUNO, [photo(1), photo(2), photo(3)], chat=DOG_PARK, caption=NAMED)
        answer = await stage.chat.wait_for_reply(album[0], lambda one: one.has_button("3"))
        await stage.settled()

    assert [one.message_id for one in answers(stage)] == [answer.message_id]


async def test_an_admin_has_every_photo_answered_and_ends_it_again(stage: Stage) -> None:
    async with stage.bot():
        on = await watch(stage, ALICE, "on")
        seen = await stage.chat.send_photo(DAN, photo(), chat=DOG_PARK)
        await answered(stage, seen)
        state = await watch(stage, DAN, "")
        off = await watch(stage, ALICE, "off")
        await stage.chat.send_photo(DAN, photo(2), chat=DOG_PARK)
        await answered(stage, await stage.chat.send_photo(DAN, photo(3), chat=DOG_PARK, caption=NAMED))

    assert on == say_plain("en", "watch-on")
    assert state == say_plain("en", "watch-is-on")
    assert off == say_plain("en", "watch-off")
    assert sum(one.has_button("✅") for one in answers(stage)) == 2


@pytest.mark.slow
async def test_what_an_admin_wants_outlives_a_restart(stage: Stage) -> None:
    async with stage.bot():
        await watch(stage, ALICE, "on")

    async with stage.bot():
        await answered(stage, await stage.chat.send_photo(DAN, photo(), chat=DOG_PARK))


async def test_nobody_else_may_change_it_until_they_are_admins(stage: Stage) -> None:
    async with stage.bot():
        refused = await watch(stage, DAN, "on")
        await stage.chat.make_admin(BRUNO)
        allowed = await watch(stage, BRUNO, "on")

    assert refused == say_plain("en", "watch-admins-only")
    assert allowed == say_plain("fr", "watch-on")


async def test_telegram_is_asked_once_in_a_while_who_is_an_admin(stage: Stage) -> None:
    async with stage.bot():
        for words in ("on", "off", "on"):
            await watch(stage, ALICE, words)

    assert stage.chat.faults.calls["getChatMember"] == 1


async def test_in_private_watching_is_no_question(stage: Stage) -> None:
    async with stage.bot():
        reply = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/watch on"))

    assert reply.text == say_plain("en", "watch-private")


async def test_an_anonymous_admin_asks_in_the_name_of_the_group_and_admins_press(stage: Stage) -> None:
    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo(), chat=DOG_PARK, caption=NAMED, anonymous=True)
        answer = await answered(stage, sent)
        refused = await (await stage.chat.press(answer, "✅", user=DAN)).answer()
        taken = await (await stage.chat.press(answer, "✅", user=ALICE)).answer()
        await stage.settled()
        (claim,) = await stage.claims()
        async with stage.database.unit() as unit:
            about = await unit.predictions.get(claim.prediction_id)
            stand_in = await unit.users.get(int(str(ANONYMOUS["id"])))

    assert refused.show_alert
    assert not taken.show_alert
    assert (claim.verdict, claim.user_id) == (Verdict.CONFIRM, ALICE.id)
    assert about is not None
    assert about.user_id == DOG_PARK.id
    assert stand_in is None


async def test_an_anonymous_admin_types_the_breed_that_they_pressed_for_by_name(stage: Stage) -> None:
    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo(), chat=DOG_PARK, caption=NAMED, anonymous=True)
        answer = await answered(stage, sent)
        await stage.chat.press(answer, "❌", user=ALICE)
        menu = await stage.chat.wait_for(lambda one: one.has_button("🔎"), chat=DOG_PARK)
        await stage.chat.press(menu, "🔎", user=ALICE)
        await stage.chat.wait_for(lambda one: one.edited and not one.has_button("🔎"), chat=DOG_PARK)
        await stage.settled()
        typed = await stage.chat.send_text(ALICE, "saluki", chat=DOG_PARK, anonymous=True)
        found = await stage.chat.wait_for_reply(typed, lambda one: one.has_button("Saluki"))
        await stage.chat.press(found, "Saluki", user=ALICE)
        await stage.until(lambda: not stage.chat.pending_updates())
        await stage.settled()
        claims = await stage.claims()

    assert [claim.breed for claim in claims] == ["saluki"]


async def test_an_anonymous_admin_is_an_admin(stage: Stage) -> None:
    async with stage.bot():
        said = await watch(stage, ALICE, "on", anonymous=True)

    assert said == say_plain("en", "watch-on")


async def test_what_concerns_a_person_is_not_told_to_one_without_a_name(stage: Stage) -> None:
    async with stage.bot():
        asked = await stage.chat.send_text(ALICE, "/forget", chat=DOG_PARK, anonymous=True)
        reply = await stage.chat.wait_for_reply(asked)

    assert reply.text == say_plain("en", "notice-as-yourself")
    assert not reply.buttons


async def test_a_channels_post_belongs_to_the_channel(stage: Stage) -> None:
    async with stage.bot():
        picture = await stage.chat.send_photo(BRUNO, photo())
        post = {
            "message_id": 900, "date": 1, "chat": {"id": DOG_PARK.id, "type": "channel", "title": "Dog news"},
            "sender_chat": {"id": DOG_PARK.id, "type": "channel", "title": "Dog news"},
            "photo": picture.payload["photo"], "caption": "/breed",
            "caption_entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        }  # fmt: skip
        stage.deliver_raw({"channel_post": post})
        answer = await stage.chat.wait_for(lambda one: one.has_button("✅"), chat=DOG_PARK)
        refused = await (await stage.chat.press(answer, "✅", user=DAN)).answer()
        taken = await (await stage.chat.press(answer, "✅", user=ALICE)).answer()

    assert refused.show_alert
    assert not taken.show_alert


async def test_when_we_are_added_we_say_hello_and_when_removed_we_forget_what_was_set(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.add_bot(BRUNO)
        hello = await stage.chat.wait_for(lambda one: one.from_bot, chat=DOG_PARK)
        await watch(stage, ALICE, "on")
        await stage.chat.remove_bot(ALICE)
        await stage.settled()
        async with stage.database.unit() as unit:
            watching = await unit.chats.answers_all(DOG_PARK.id)

    assert NAMED in hello.text
    assert "/watch on" in hello.text
    assert not watching


async def test_who_blocks_us_in_private_gets_no_hello(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.block(ALICE)
        await stage.chat.block(ALICE, blocked=False)
        await stage.settled()

    assert [one for one in stage.chat.messages(ALICE) if one.from_bot] == []


async def test_a_group_that_becomes_a_supergroup_keeps_what_was_set(stage: Stage) -> None:
    async with stage.bot():
        await watch(stage, ALICE, "on")
        world = stage.chat.world
        world.updates.add(
            "message", world.post(DOG_PARK.id, ALICE.to_user(), {"migrate_to_chat_id": -1_009_999_999_999}).payload
        )
        await stage.settled()
        async with stage.database.unit() as unit:
            assert await unit.chats.answers_all(-1_009_999_999_999)
            assert not await unit.chats.answers_all(DOG_PARK.id)


async def test_a_sticker_among_people_is_no_question_even_where_all_photos_are_answered(stage: Stage) -> None:
    async with stage.bot():
        await watch(stage, ALICE, "on")
        sticker = {"file_id": "x", "file_unique_id": "y", "type": "regular", "width": 512, "height": 512}
        world = stage.chat.world
        content = {"sticker": sticker | {"is_animated": False, "is_video": False}}
        world.updates.add("message", world.post(DOG_PARK.id, DAN.to_user(), content).payload)
        await answered(stage, await stage.chat.send_photo(DAN, photo(), chat=DOG_PARK))

    assert sum(one.has_button("✅") for one in answers(stage)) == 1
    assert len(answers(stage)) == 2  # the word about watching


@pytest.mark.parametrize("caption", ["/breed", f"who is that, {NAMED}?"])
async def test_who_asks_later_by_editing_the_caption_is_answered_once(stage: Stage, caption: str) -> None:
    async with stage.bot():
        sent = await stage.chat.send_photo(BRUNO, photo(), chat=DOG_PARK, caption="my dog")
        await stage.chat.edit(sent, "my old dog")
        await stage.settled()
        assert answers(stage) == []
        await stage.chat.edit(sent, caption)
        await answered(stage, sent)
        await stage.chat.edit(sent, f"{caption} please")
        await stage.settled()

    assert len(answers(stage)) == 1


async def test_in_private_an_edited_caption_brings_no_second_answer(stage: Stage) -> None:
    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo(), caption="my dog")
        await stage.chat.wait_for_reply(sent)
        for caption in ("my old dog", "/breed", "/breed now"):
            await stage.chat.edit(sent, caption)
        await stage.chat.edit(await stage.chat.send_text(ALICE, "/help"), "/halp")
        await stage.settled()

    assert len([one for one in stage.chat.messages(ALICE) if one.reply_to_id == sent.message_id]) == 1


async def test_in_private_an_edited_caption_asks_again_for_what_was_refused(stage: Stage) -> None:
    async with stage.bot():
        sent = await stage.chat.send_document(ALICE, b"", caption="my dog")
        await stage.chat.wait_for_reply(sent)
        await stage.chat.edit(sent, "/breed")
        await stage.settled()

    assert len([one for one in stage.chat.messages(ALICE) if one.reply_to_id == sent.message_id]) == 2


async def test_edited_texts_are_not_even_stored(stage: Stage) -> None:
    async with stage.bot():
        said = await stage.chat.send_text(BRUNO, "hello", chat=DOG_PARK)
        await stage.settled()
        async with stage.database.unit() as unit:
            before = await unit.inbox.count_pending(100, due=True)
        await stage.chat.edit(said, f"hello {NAMED}")
        await stage.settled()
        async with stage.database.unit() as unit:
            after = await unit.inbox.count_pending(100, due=True)

    assert (before, after, answers(stage)) == (0, 0, [])


async def test_what_a_correction_brings_is_said_without_a_sound_and_the_answer_with_one(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, await stage.chat.send_photo(BRUNO, photo(), chat=DOG_PARK, caption=NAMED))
        for button in ("❌", "🔎"):
            await (await stage.chat.press(stage.chat.message(answer), button, user=BRUNO)).answer()
            await stage.settled()
        typed = await stage.chat.send_text(BRUNO, "boxer", chat=DOG_PARK, reply_to=answer)
        found = await stage.chat.wait_for_reply(typed, lambda one: one.has_button("Boxer"))

    assert not answer.silent
    assert found.silent
