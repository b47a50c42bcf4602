"""A dog may come as a file, a sticker, a GIF, a video, forwarded, or with words beside it."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import av
import numpy as np
import pillow_heif
import pytest
from PIL import Image
from stage import BEAGLE, Stage, photo

from bot.conversation.breeds.breed_name import caption_hint
from bot.conversation.photo.photo_file import Stills
from bot.texts import say_plain
from core.claim import Verdict
from core.prediction import BreedScore, Kind, Prediction
from db.chat.chat_records import JobRecord, PhotoForm
from inference.photo.decode import DEFAULT_LIMITS, UnreadablePhoto, decode
from inference.photo.metadata.strip_metadata import strip_metadata
from inference.photo.preprocess import Preprocessing
from inference.worker.batch import LoadedPhoto
from sandbox import ALICE, BRUNO, ChatMessage


def picture(kind: str, size: tuple[int, int] = (320, 240)) -> bytes:
    image, file = Image.new("RGB", size, (120, 90, 60)), BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(file)
    else:
        image.save(file, kind)
    return file.getvalue()


def raw_photo() -> bytes:
    """As cameras write it: a TIFF that shows something small first (DNG 1.7, 5)."""
    file = BytesIO()
    Image.new("RGB", (160, 120)).save(file, "TIFF", tiffinfo={0xC612: b"\x01\x04\x00\x00"})
    return file.getvalue()


def gif(frames: int = 8) -> bytes:
    shades, file = [Image.new("L", (96, 64), 20 + 25 * number) for number in range(frames)], BytesIO()
    shades[0].save(file, "GIF", save_all=True, append_images=shades[1:], duration=80)
    return file.getvalue()


def video(pictures: Sequence[Image.Image]) -> bytes:
    file = BytesIO()
    with av.open(file, "w", format="mp4") as target:
        stream = target.add_stream("libx264", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for one in pictures:
            pixels = np.asarray(one.convert("RGB").resize((320, 240)))
            target.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        target.mux(stream.encode(None))
    return file.getvalue()


def clip(frames: int = 12) -> bytes:
    return video([Image.new("RGB", (320, 240), (20 * number, 90, 60)) for number in range(frames)])


async def jobs(stage: Stage) -> list[JobRecord]:
    async with stage.database.unit() as unit:
        found = [await unit.jobs.get(number) for number in range(1, 20)]
    return [job for job in found if job is not None]


async def test_a_gif_of_one_picture_is_looked_at_as_any_photo_and_a_damaged_one_is_refused_as_such() -> None:
    whole = gif(frames=1)

    (still,) = await Stills().of(whole, "image/gif")
    (damaged,) = await Stills().of(whole[:-20], "image/gif")

    assert np.array_equal(decode(still.data), decode(whole))
    with pytest.raises(UnreadablePhoto):
        decode(damaged.data)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("dog.jxl", b"\x00\x00\x00\x0cJXL \r\n\x87\n" + bytes(80), "JPEG XL"),
        ("dog.jpg", b"\xff\x0a" + bytes(80), "JPEG XL"),
        ("dog.dng", raw_photo(), "RAW"),
        ("dog.heic", b"8BPS\x00\x01" + bytes(80), "Photoshop"),
    ],
    ids=["by its name, too", "under a wrong name", "raw photo", "of another program"],
)
async def test_a_file_of_a_kind_that_is_not_opened_is_named(stage: Stage, name: str, data: bytes, said: str) -> None:
    async with stage.bot():
        reply = await stage.chat.wait_for_reply(await stage.chat.send_document(ALICE, data, name=name))
        kept = await jobs(stage)

    assert said in (reply.text or "")
    assert "as a photo" in (reply.text or "")
    assert kept == []


async def answered(stage: Stage, sent: ChatMessage) -> ChatMessage:
    answer = await stage.chat.wait_for_reply(sent, lambda one: one.has_button("✅"))
    await stage.settled()
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
@pytest.mark.parametrize("name", ["dog.jpg", "dog.heic", "dog.png", "dog.mp4"])
async def test_a_picture_is_what_its_bytes_are_whatever_its_name_says(stage: Stage, kind: str, name: str) -> None:
    data = picture(kind)

    async with stage.bot():
        await answered(stage, await stage.chat.send_document(ALICE, data, name=name))
        (job,) = await jobs(stage)

    assert (job.form, job.frame, job.media_group_id, job.caption_hint) == (PhotoForm.FILE, None, None, None)
    assert [still.data for still in await Stills().of(data, "image/jpeg")] == [data]
    assert decode(data).shape == (240, 320, 3)


@pytest.mark.parametrize("name", ["dog.mp4", "dog.jpg", "dog.gif"])
async def test_a_video_under_any_name_is_looked_at_in_a_few_frames_and_answered_once(stage: Stage, name: str) -> None:
    async with stage.bot():
        sent = await stage.chat.send_document(ALICE, clip(), name=name)
        answer = await answered(stage, sent)
        found = await jobs(stage)

    assert len([one for one in stage.chat.messages(ALICE) if one.from_bot]) == 1
    assert answer.reply_to_id == sent.message_id
    assert [job.frame for job in found] == [0, 1, 2, 3, 4]
    assert {job.message_id for job in found} == {sent.message_id}


@pytest.mark.parametrize(("data", "name", "form"), [
    (gif(), "dog.gif", PhotoForm.ANIMATION), (clip(), "dog.mp4", PhotoForm.VIDEO),
])  # fmt: skip
async def test_a_gif_and_a_video_are_looked_at(stage: Stage, data: bytes, name: str, form: PhotoForm) -> None:
    async with stage.bot():
        await answered(stage, await stage.chat.send_file(ALICE, data, name=name))
        found = await jobs(stage)

    assert {job.form for job in found} == {form}
    assert len(found) == 5


async def test_a_video_message_is_looked_at(stage: Stage) -> None:
    async with stage.bot():
        elsewhere = await stage.chat.send_file(BRUNO, clip(), name="dog.mp4")
        await answered(stage, elsewhere)
        note = {"file_id": elsewhere.payload["video"]["file_id"], "file_unique_id": "n", "length": 240, "duration": 1}
        stage.deliver(ALICE, {"video_note": note})
        await stage.chat.wait_for(lambda one: one.has_button("✅"), chat=ALICE)


async def test_a_static_sticker_is_looked_at(stage: Stage) -> None:
    async with stage.bot():
        sent = await stage.chat.send_file(ALICE, picture("WEBP", (512, 384)), name="dog.webp")
        await answered(stage, sent)
        (job,) = await jobs(stage)

    assert sent.kind == "sticker"
    assert job.form is PhotoForm.STICKER


async def test_a_forwarded_photo_is_looked_at_for_the_one_who_forwards_it(stage: Stage) -> None:
    async with stage.bot():
        his = await stage.chat.send_photo(BRUNO, photo())
        await answered(stage, his)
        await answered(stage, await stage.chat.forward(ALICE, his))

        assert [job.user_id for job in await jobs(stage)] == [BRUNO.id, ALICE.id]


async def test_a_photo_replied_to_in_another_chat_is_looked_at(stage: Stage) -> None:
    async with stage.bot():
        elsewhere = await stage.chat.send_photo(BRUNO, photo())
        await answered(stage, elsewhere)
        origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Somebody"}
        words = {"text": "/breed", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]}
        stage.deliver(ALICE, words | {"external_reply": {"origin": origin, "photo": elsewhere.payload["photo"]}})
        await stage.chat.wait_for(lambda one: one.has_button("✅"), chat=ALICE)


async def test_most_frames_decide_and_the_button_confirms_the_breed_that_is_shown(stage: Stage) -> None:
    boxer = replace(BEAGLE, top=(BreedScore("boxer", 0.99), BreedScore("pug", 0.005)))
    nothing = replace(BEAGLE, kind=Kind.NOT_A_DOG, not_a_dog=0.97)
    left: list[Prediction] = [boxer, BEAGLE, BEAGLE, nothing, BEAGLE]
    alike = np.ones(2048, np.float16)
    stage.say = lambda _: replace(left.pop(0), features=alike)

    async with stage.bot():
        answer = await answered(stage, await stage.chat.send_file(ALICE, clip(), name="dog.mp4"))
        await stage.chat.press(answer, "✅")
        thanks = await stage.chat.wait_for(lambda one: one.has_button("↩️"), chat=ALICE)
        await stage.settled()
        (claim,) = await stage.claims()
        async with stage.database.unit() as unit:
            about = await unit.predictions.get(claim.prediction_id)

    assert "Beagle" in answer.text
    assert "Beagle" in thanks.text
    assert claim.verdict is Verdict.CONFIRM
    assert about is not None
    assert about.top[0].breed == "beagle"


async def test_a_restart_in_the_middle_of_a_video_answers_it_once(stage: Stage) -> None:
    async with stage.bot(work=False, stop=False):
        sent = await stage.chat.send_file(ALICE, clip(), name="dog.mp4")
        await stage.until(lambda: stage.app.photos_waiting == 5, timeout_s=30.0)
    async with stage.bot():
        await answered(stage, sent)

    assert len([one for one in stage.chat.messages(ALICE) if one.from_bot]) == 1


@pytest.mark.parametrize("data", [b"\x1aE\xdf\xa3" + bytes(500), clip()[:200]])
async def test_a_broken_clip_is_answered_kindly_and_the_bot_goes_on(stage: Stage, data: bytes) -> None:
    async with stage.bot():
        reply = await stage.chat.wait_for_reply(await stage.chat.send_document(ALICE, data, name="dog.mp4"))
        await answered(stage, await stage.chat.send_photo(ALICE, photo()))

    assert reply.text == say_plain("en", "clip-unreadable")


async def test_a_breed_named_beside_the_photo_is_shown_and_offered_first_and_not_believed(stage: Stage) -> None:
    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo(), caption="Is Max a saluki? He lives at 5 Elm Street")
        answer = await answered(stage, sent)
        await stage.chat.press(answer, "❌")
        menu = await stage.chat.wait_for(lambda one: one.has_button("🔎"), chat=ALICE)
        (job,) = await jobs(stage)
        claims = await stage.claims()

    assert say_plain("en", "hint-written", breed="Saluki") in answer.text
    assert "Beagle" in answer.text
    assert menu.buttons[0][0] == "Saluki"
    assert claims == []
    assert job.caption_hint == "saluki"  # and nothing else of what was written


async def test_a_caption_that_agrees_says_so(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, await stage.chat.send_photo(BRUNO, photo(), caption="mon beagle"))

    assert say_plain("fr", "hint-written-too", breed="Beagle") in answer.text


@pytest.mark.parametrize(
    ("caption", "breed"),
    [
        ("Is this a beagle?", "beagle"),
        ("mon Berger Allemand, Max", "german_shepherd"),
        ("my golden retreiver puppy", "golden_retriever"),
        ("unser Rauhaardakel", "dachshund"),
        ("mi pastor aleman", "german_shepherd"),
        ("meu vira-lata", "mixed_breed"),
        ("two Beagles", "beagle"),
        ("a jack russell terrier", "jack_russell_terrier"),
        ("Billy at the beach", None),
        ("a dog", None),
        ("beagle or boxer?", None),
        ("", None),
        ("🐶" * 5000, None),
    ],
)
def test_what_a_caption_names(caption: str, breed: str | None) -> None:
    assert caption_hint(caption) == breed


async def test_of_a_file_that_was_cut_off_it_is_said_that_a_part_was_looked_at(stage: Stage) -> None:
    file = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(140, 256, (240, 320, 3), dtype=np.uint8)).save(file, "JPEG")
    whole = file.getvalue()
    texts = []
    async with stage.bot():
        for data in (whole, whole[:-2], whole[: len(whole) * 8 // 10]):
            stored = strip_metadata(data)
            stage.worker.remarks = LoadedPhoto.of_bytes(stored, Preprocessing(), DEFAULT_LIMITS).remarks
            texts.append((await answered(stage, await stage.chat.send_document(ALICE, data, name="dog"))).text or "")

    assert ["cut off" in text for text in texts] == [False, False, True]
