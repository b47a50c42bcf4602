"""What people send becomes what Telegram would make of it."""

from io import BytesIO

import pytest
import telegram
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from localchat_photos import animation, picture, sideways
from PIL import Image
from telegram.error import BadRequest

from sandbox import ALICE, BRUNO, DOG_PARK, LocalChat, UploadRefused


async def received(bot: telegram.Bot) -> list[telegram.Message]:
    updates = await bot.get_updates()
    return [update.message for update in updates if update.message]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("original", "longest"),
    [
        ((4000, 3000), [90, 320, 800, 1280, 2560]),
        ((1000, 1500), [90, 320, 800, 1280, 1500]),
        ((1280, 800), [90, 320, 800, 1280]),
        ((300, 200), [90, 300]),
        ((60, 40), [60]),
    ],
)
async def test_a_photo_comes_in_telegrams_sizes(
    chat: LocalChat, bot: telegram.Bot, original: tuple[int, int], longest: list[int]
) -> None:
    await chat.send_photo(ALICE, picture(*original))

    [message] = await received(bot)
    assert [max(size.width, size.height) for size in message.photo] == longest
    for size in message.photo:
        data = bytes(await (await size.get_file()).download_as_bytearray())
        image = Image.open(BytesIO(data))
        assert (image.format, image.size, len(data)) == ("JPEG", (size.width, size.height), size.file_size)
        assert size.width / size.height == pytest.approx(original[0] / original[1], rel=0.02)


async def test_photos_are_upright_and_lose_their_metadata(chat: LocalChat, bot: telegram.Bot) -> None:
    await chat.send_photo(ALICE, sideways(300, 500), caption="up?")

    [message] = await received(bot)
    image = Image.open(BytesIO(await (await message.photo[-1].get_file()).download_as_bytearray()))
    red, _, blue = image.getpixel((150, 50))  # type: ignore[misc]  # an RGB pixel
    assert image.size == (300, 500)
    assert not image.getexif()
    assert red > 200 > 50 > blue
    assert message.caption == "up?"


@pytest.mark.parametrize(
    ("format_", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16"), ("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGB"), ("BMP", "RGB")],
)
async def test_any_picture_becomes_a_photo(chat: LocalChat, bot: telegram.Bot, format_: str, mode: str) -> None:
    await chat.send_photo(
        ALICE, picture(200, 100, format_, "RGB" if mode == "I;16" else mode), name=f"x.{format_.lower()}"
    )

    [message] = await received(bot)
    assert message.photo[-1].width == 200


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.gif", animation(), "animation"),
        ("still.gif", picture(100, 100, "GIF", "P"), "photo"),
        ("s.webp", picture(512, 300, "WEBP"), "sticker"),
        ("s.tgs", b"\x1f\x8b", "sticker"),
        ("v.ogg", b"OggS", "voice"),
        ("m.mp3", b"ID3", "audio"),
        ("v.mp4", b"\0\0\0\x18ftyp", "video"),
        ("paper.pdf", b"%PDF-1.4", "document"),
        ("lying.jpg", b"%PDF-1.4", "document"),
        ("cut.jpg", picture(900, 700)[:2000], "document"),
        ("empty.jpg", b"", "document"),
        ("strip.png", picture(2500, 100, "PNG"), "document"),
    ],
)
async def test_files_come_as_their_kind(chat: LocalChat, bot: telegram.Bot, name: str, data: bytes, kind: str) -> None:
    sent = await chat.send_file(ALICE, data, name=name)

    [message] = await received(bot)
    assert sent.kind == kind
    assert getattr(message, kind)


async def test_a_file_stays_as_it_is_and_has_a_thumbnail(chat: LocalChat, bot: telegram.Bot) -> None:
    original = sideways(700, 900)

    await chat.send_document(ALICE, original, name="dog.jpg", caption="raw")

    [message] = await received(bot)
    assert message.document is not None
    assert message.document.thumbnail is not None
    assert (message.document.file_name, message.document.mime_type) == ("dog.jpg", "image/jpeg")
    assert max(message.document.thumbnail.width, message.document.thumbnail.height) == 320
    assert bytes(await (await message.document.get_file()).download_as_bytearray()) == original


@pytest.mark.slow
async def test_a_picture_of_too_many_pixels_is_never_decoded(chat: LocalChat, bot: telegram.Bot) -> None:
    bomb = Image.new("1", (20_000, 20_000))
    buffer = BytesIO()
    bomb.save(buffer, "PNG")

    await chat.send_photo(ALICE, buffer.getvalue(), name="bomb.png")

    [message] = await received(bot)
    assert message.document is not None
    assert message.document.thumbnail is None


async def test_a_large_file_is_taken_but_not_given_to_the_bot(chat: LocalChat, bot: telegram.Bot) -> None:
    await chat.send_document(ALICE, bytes(25 * 2**20), name="large.bin")

    [message] = await received(bot)
    assert message.document is not None
    with pytest.raises(BadRequest, match="^File is too big$"):
        await message.document.get_file()
    with pytest.raises(BadRequest, match="^Wrong file_id or the file is temporarily unavailable$"):
        await bot.get_file("nothing")


async def test_more_than_fifty_megabytes_are_refused(chat: LocalChat) -> None:
    with pytest.raises(UploadRefused, match="50 MB"):
        await chat.send_document(ALICE, bytes(50 * 2**20 + 1))

    assert chat.messages(ALICE) == []


async def test_several_photos_are_albums_of_at_most_ten(chat: LocalChat, bot: telegram.Bot) -> None:
    await chat.send_album(BRUNO, [picture(100, 80)] * 12, caption="/start all", chat=DOG_PARK)

    messages = await received(bot)
    groups = [message.media_group_id for message in messages]
    assert (groups.count(groups[0]), groups.count(groups[-1]), len(set(groups))) == (10, 2, 2)
    assert [message.caption for message in messages] == ["/start all"] + [None] * 11
    assert messages[0].caption_entities[0].type == "bot_command"
    assert {message.chat.id for message in messages} == {DOG_PARK.id}


async def test_commands_are_marked_and_edits_are_told(chat: LocalChat, bot: telegram.Bot) -> None:
    sent = await chat.send_text(ALICE, "🐕 /help me")
    await chat.edit(sent, "never mind")

    first, second = await bot.get_updates()
    assert first.message is not None
    assert list(first.message.parse_entities().values()) == ["/help"]
    assert second.edited_message is not None
    assert second.edited_message.text == "never mind"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF"]),
)
async def test_any_bytes_become_some_message(chat: LocalChat, data: bytes, start: bytes) -> None:
    sent = await chat.send_photo(ALICE, start + data)

    assert sent.kind in {"photo", "document", "animation", "sticker"}
