"""Everything that is no dog photo gets a clear word in the sender's language, and changes nothing else."""

import pytest
from stage import Stage, photo

from bot.conversation.personal import help_view as guidance
from bot.telegram.message import View
from bot.texts import say_plain
from sandbox import ALICE, BRUNO, DOG_PARK

OGG, MP3, MP4, GIF = (
    b"OggS" + bytes(100),
    b"ID3" + bytes(100),
    bytes(4) + b"ftypisom" + bytes(100),
    b"GIF89a" + bytes(50),
)

STICKER = {
    "file_id": "a",
    "file_unique_id": "b",
    "type": "regular",
    "width": 512,
    "height": 512,
    "is_animated": False,
    "is_video": False,
}


async def answers(stage: Stage, data: bytes, name: str, notice: str) -> None:
    for person, language in ((ALICE, "en"), (BRUNO, "fr")):
        reply = await stage.chat.wait_for_reply(await stage.chat.send_file(person, data, name=name))
        assert reply.text == say_plain(language, notice)


@pytest.mark.parametrize(
    ("data", "name", "notice"),
    [
        (OGG, "voice.ogg", "notice-voice"),
        (MP3, "song.mp3", "notice-audio"),
        (MP4, "dog.mp4", "clip-unreadable"),
        (b"%PDF-1.7 " + bytes(50), "dog.pdf", "notice-document"),
        (b"MZ", "dog.exe", "notice-document"),
    ],
    ids=["voice", "audio", "video", "pdf", "program"],
)
async def test_a_file_that_is_no_image_is_named_for_what_it_is(
    stage: Stage, data: bytes, name: str, notice: str
) -> None:
    async with stage.bot():
        await answers(stage, data, name, notice)
        async with stage.database.unit() as unit:
            assert await unit.photos.count() == 0


@pytest.mark.parametrize(
    ("content", "notice"),
    [
        ({"location": {"latitude": 1.0, "longitude": 2.0}}, "notice-location"),
        ({"contact": {"phone_number": "1", "first_name": "A"}}, "notice-contact"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "notice-other"),
        ({"sticker": STICKER | {"is_animated": True}}, "notice-sticker"),
        ({"sticker": STICKER | {"is_video": True}}, "notice-sticker"),
        ({"video_note": {"file_id": "a", "file_unique_id": "b", "length": 100, "duration": 3}}, "failure-missing"),
    ],
)  # fmt: skip
async def test_other_kinds_of_messages_are_answered(stage: Stage, content: dict[str, object], notice: str) -> None:
    async with stage.bot():
        stage.deliver(ALICE, content)
        reply = await stage.chat.wait_for(lambda one: one.from_bot, chat=ALICE)

    assert reply.text == say_plain("en", notice)


async def test_a_service_message_is_not_answered(stage: Stage) -> None:
    async with stage.bot():
        stage.deliver(ALICE, {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}})
        await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/help"))

    assert len([one for one in stage.chat.messages(ALICE) if one.from_bot]) == 1


HELP = guidance.help_("en", guest_name="breedbot_local_bot")


@pytest.mark.parametrize(("text", "view"), [("/start", guidance.start("en")), ("/help", HELP)])
async def test_commands_explain_the_bot(stage: Stage, text: str, view: View) -> None:
    async with stage.bot():
        reply = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, text))

    assert reply.text.split() == view.plain.split()


async def test_an_unknown_command_points_to_help(stage: Stage) -> None:
    async with stage.bot():
        reply = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/dance"))

    assert "/help" in reply.text


async def test_commands_are_registered_in_every_language(stage: Stage) -> None:
    async with stage.bot():
        await stage.called("setMyCommands", times=3)


async def test_a_text_gets_a_hint(stage: Stage) -> None:
    async with stage.bot():
        reply = await stage.chat.wait_for_reply(await stage.chat.send_text(BRUNO, "bonjour"))

    assert reply.text == say_plain("fr", "notice-text")


async def test_a_file_of_25_megabytes_is_refused_without_download(stage: Stage) -> None:
    async with stage.bot():
        reply = await stage.chat.wait_for_reply(await stage.chat.send_document(ALICE, photo() + bytes(25 * 2**20)))

    assert "20 MB" in reply.text
    assert stage.chat.faults.calls["downloadFile"] == 0


async def test_a_0_byte_file_is_answered(stage: Stage) -> None:
    async with stage.bot():
        reply = await stage.chat.wait_for_reply(await stage.chat.send_document(ALICE, b"", name="dog.jpg"))

    assert reply.text == say_plain("en", "failure-unreadable")


async def test_a_lying_extension_is_left_to_the_decoder_to_find_out(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_document(ALICE, b"not an image", name="dog.jpg"))

        assert len(stage.worker.looked_at) == 1


async def test_a_group_hears_nothing_about_what_is_not_for_the_bot(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.send_text(ALICE, "hello", chat=DOG_PARK)
        await stage.chat.send_text(ALICE, "/dance", chat=DOG_PARK)
        await stage.chat.send_text(ALICE, "/start@another_bot", chat=DOG_PARK)
        await stage.chat.send_file(ALICE, OGG, name="voice.ogg", chat=DOG_PARK)
        await stage.chat.send_text(ALICE, "/help", chat=DOG_PARK)
        reply = await stage.chat.wait_for(lambda one: one.from_bot, chat=DOG_PARK)

    assert reply.text.split() == HELP.plain.split()


BROKEN = [
    {"message": None},
    {"message": 7},
    {"message": {"chat": {"id": ALICE.id, "type": "private"}, "from": 5}},
    {"message": {"message_id": "x", "chat": {"id": ALICE.id}}},
    {"message": {"chat": {"id": ALICE.id, "type": "private"}, "photo": [{}], "from": {"id": ALICE.id}}},
    {"callback_query": {"id": "1", "from": {"id": ALICE.id}}},
    {"callback_query": {"id": "1", "from": {"id": 2**70, "is_bot": False, "first_name": "x"}, "data": "x"}},
    {"poll_answer": {"poll_id": "1"}},
    {"something_new": {"chat": {"id": 1}}},
    {},
]


@pytest.mark.parametrize("broken", BROKEN)
async def test_an_update_that_makes_no_sense_is_dealt_with_and_the_next_one_answered(
    stage: Stage, broken: dict[str, object]
) -> None:
    async with stage.bot():
        stage.deliver_raw(broken)
        await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/help"))
        await stage.settled()
        async with stage.database.unit() as unit:
            assert await unit.inbox.count_pending() == 0
