"""/mydata: everything that is stored of somebody, to them alone, as one file."""

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from stage import Stage, photo, shown

from bot.conversation.privacy.package import LIST_BYTES, package
from db.chat.chat_records import Consent
from db.photos.photo_store import PhotoFolder
from inference.photo.decode import decode
from sandbox import ALICE, CHLOE, DAN, DOG_PARK, ChatMessage, Persona


async def sent_photos(stage: Stage, who: Persona, count: int) -> None:
    async with stage.database.unit() as unit:
        await unit.users.seen(who.id, "en")
        await unit.consents.set(who.id, Consent.YES)
    for shade in range(count):
        answer = await stage.chat.wait_for_reply(await stage.chat.send_photo(who, photo(shade * 17 + 1)))
        if shade == 0:
            await stage.chat.press(answer, "✅")
    await stage.settled()


def opened(stage: Stage, message: ChatMessage) -> ZipFile:
    stored = stage.chat.world.files.get(message.payload["document"]["file_id"])
    assert stored is not None
    [path] = [one for one in Path(stage.folder).rglob(Path(stored.path).name) if one.is_file()]
    return ZipFile(BytesIO(path.read_bytes()))


async def document(stage: Stage, who: Persona) -> ChatMessage:
    return await stage.chat.wait_for(lambda one: one.kind == "document", chat=who)


async def test_it_holds_rows_photos_and_features_and_nothing_of_anybody_else(stage: Stage) -> None:
    async with stage.bot():
        await sent_photos(stage, ALICE, 2)
        await sent_photos(stage, DAN, 1)
        await stage.chat.send_text(ALICE, "/mydata")
        message = await document(stage, ALICE)

    box = opened(stage, message)
    data = json.loads(box.read("data.json"))
    photos = [name for name in box.namelist() if name.startswith("photos/")]
    features = [name for name in box.namelist() if name.startswith("features/")]
    assert message.payload["document"]["file_name"] == "mydata.zip"
    assert "Photos: 2" in message.text
    assert (len(photos), len(features)) == (2, 2)
    assert decode(box.read(photos[0])).shape == (480, 640, 3)
    assert np.frombuffer(box.read(features[0]), "<f2").shape == (2048,)
    assert [row["verdict"] for row in data["rows"]["feedback_events"]] == ["confirm"]
    assert data["rows"]["users"][0]["id"] == ALICE.id
    assert {row["photo_sha256"][:16] for row in data["rows"]["jobs"]} == {Path(name).stem for name in photos}
    assert str(DAN.id) not in json.dumps(data)
    assert data["left_out"] == {"files": [], "rows": 0, "photos_not_found": []}


async def test_it_is_asked_for_in_a_group_and_comes_in_private(stage: Stage) -> None:
    async with stage.bot():
        await sent_photos(stage, ALICE, 1)
        word = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/mydata", chat=DOG_PARK))
        message = await document(stage, ALICE)

    assert word.text == shown("en", "mydata-private")
    assert message.chat_id == ALICE.id


async def test_who_never_wrote_in_private_is_asked_to(stage: Stage) -> None:
    await stage.chat.block(CHLOE)  # for Telegram as good as never having begun
    async with stage.bot():
        word = await stage.chat.wait_for_reply(await stage.chat.send_text(CHLOE, "/mydata", chat=DOG_PARK))

    assert " ".join(word.text.split()) == shown("fr", "mydata-write-to-me")


async def test_twice_in_a_row_is_once(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.send_text(ALICE, "/mydata")
        await document(stage, ALICE)
        again = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/mydata"))
        await stage.settled()
        documents = [one for one in stage.chat.messages(ALICE) if one.kind == "document"]

    assert "10 min" in again.text
    assert len(documents) == 1


async def test_what_has_no_room_is_named_and_the_newest_photos_come_first(stage: Stage) -> None:
    async with stage.bot():
        await sent_photos(stage, ALICE, 4)
        store = PhotoFolder(stage.folder / "photos")
        async with stage.database.unit(read_only=True) as unit:
            newest = (await unit.person_data.of(ALICE.id)).photos
            sizes = [len(await store.get(one)) for one in newest]
        rows = len((await package(stage.database, store, ALICE.id)).data) - sum(sizes) - 4 * 4096
        limit = LIST_BYTES + rows + sizes[0] + sizes[1]

        small = await package(stage.database, store, ALICE.id, limit)

    box = ZipFile(BytesIO(small.data))
    left_out = json.loads(box.read("data.json"))["left_out"]["files"]
    assert len(small.data) <= limit
    assert 0 < small.photos < 4
    assert [Path(name).stem for name in box.namelist() if "photos/" in name] == [
        one[:16] for one in newest[: small.photos]
    ]
    assert small.left_out == len(left_out) >= 4 - small.photos


async def test_a_photo_that_the_store_has_lost_is_said_to_be_lost(stage: Stage) -> None:
    async with stage.bot():
        await sent_photos(stage, ALICE, 1)
        store = PhotoFolder(stage.folder / "photos")
        async with stage.database.unit(read_only=True) as unit:
            [sha256] = (await unit.person_data.of(ALICE.id)).photos
        await store.delete(sha256)

        packed = await package(stage.database, store, ALICE.id)

    data = json.loads(ZipFile(BytesIO(packed.data)).read("data.json"))
    assert data["left_out"]["photos_not_found"] == [sha256]
    assert packed.photos == 0
