"""Photos sent together get one answer, numbered, whatever comes in between."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from db_samples import ANNA, PHOTO, prediction, queued
from stage import BEAGLE, CLUSTER, LOCAL, Stage, photo
from stored import predict

from bot.conversation.answer.album import fusion_of
from bot.conversation.answer.shown_answer import shown_answer
from bot.texts import say_plain
from core.breeds.catalogue import NOT_A_DOG
from core.claim import Verdict
from core.prediction import BreedScore, Kind, Prediction
from db.chat.chat_records import ModelVersionRecord
from inference.model.fusion import Fusion
from inference.queue.protocol import Failure
from sandbox import ALICE, BRUNO, DOWNLOAD, ChatMessage

LINES = (LOCAL, CLUSTER)

ALIKE, OTHERWISE = (np.arange(2048) % 2 == half for half in (0, 1))
REX = replace(BEAGLE, features=ALIKE.astype(np.float16))
TORN = replace(
    REX, kind=Kind.UNSURE, top=(BreedScore("basset_hound", 0.45), BreedScore("beagle", 0.4), BreedScore("pug", 0.02))
)
BELLA = replace(
    REX, top=(BreedScore("boxer", 0.95), BreedScore("bullmastiff", 0.02)), features=OTHERWISE.astype(np.float16)
)
NO_DOG = replace(REX, kind=Kind.NOT_A_DOG, not_a_dog=0.98, top=(BreedScore("beagle", 0.01),))


def in_turn(*said: Prediction | Failure) -> object:
    """The answers in the order in which the photos are looked at."""
    left = list(said)
    return lambda _: left.pop(0)


async def answer_to(stage: Stage, album: list[ChatMessage]) -> ChatMessage:
    answer = await stage.chat.wait_for_reply(album[0], lambda one: one.has_button("1"))
    await stage.settled()
    return answer


def from_bot(stage: Stage) -> list[ChatMessage]:
    return [one for one in stage.chat.messages(ALICE) if one.from_bot]


def numbers(answer: ChatMessage) -> list[str]:
    return [button for row in answer.buttons for button in row if button.isdigit()]


async def became(stage: Stage, message: ChatMessage, button: str) -> ChatMessage:
    return await stage.chat.wait_for(
        lambda one: one.message_id == message.message_id and one.has_button(button), chat=message.chat_id
    )


async def test_an_album_of_one_dog_gets_one_answer_for_all_its_photos(stage: Stage) -> None:
    stage.say = lambda _: REX

    async with stage.bot():
        album = await stage.chat.send_album(ALICE, [photo(shade) for shade in range(4)])
        answer = await answer_to(stage, album)

    assert len(from_bot(stage)) == 1
    assert answer.reply_to_id == album[0].message_id
    assert "Beagle" in answer.text
    assert say_plain("en", "album-one-dog", count=4) in answer.text
    assert numbers(answer) == ["1", "2", "3", "4"]


async def test_the_lines_of_an_album_name_each_dog_and_what_failed_by_number(stage: Stage) -> None:
    stage.say = in_turn(REX, BELLA, TORN, NO_DOG, Failure.UNREADABLE)  # type: ignore[assignment]

    async with stage.bot():
        answer = await answer_to(stage, await stage.chat.send_album(ALICE, [photo(shade) for shade in range(5)]))

    lines = answer.text.splitlines()
    assert [re.match(r"[\d, ]+", line)[0].strip() for line in lines if line[:1].isdigit()] == ["1, 3", "2", "4", "5"]  # type: ignore[index]
    assert "Beagle" in lines[0]
    assert "Boxer" in lines[1]
    assert say_plain("en", "album-no-dog") in answer.text
    assert "⚠️" in lines[3]
    assert numbers(answer) == ["1", "2", "3", "4"]


async def test_two_dogs_are_never_made_one(stage: Stage) -> None:
    stage.say = in_turn(BELLA, replace(TORN, features=BELLA.features), REX)  # type: ignore[assignment]

    async with stage.bot():
        answer = await answer_to(stage, await stage.chat.send_album(ALICE, [photo(shade) for shade in range(3)]))

    assert [line[0] for line in answer.text.splitlines() if line[:1].isdigit()] == ["1", "2", "3"]


async def test_a_photo_of_an_album_is_picked_corrected_and_left_again(stage: Stage) -> None:
    stage.say = in_turn(REX, BELLA)  # type: ignore[assignment]

    async with stage.bot():
        answer = await answer_to(stage, await stage.chat.send_album(ALICE, [photo(1), photo(2)]))
        await stage.chat.press(answer, "2")
        second = await became(stage, answer, "✅")
        await stage.chat.press(second, "❌")
        menu = await became(stage, answer, "Bullmastiff")
        await stage.chat.press(menu, "Bullmastiff")
        thanks = await became(stage, answer, "↩️")
        await stage.chat.press(thanks, say_plain("en", "button-album"))
        again = await became(stage, answer, "1")
        await stage.settled()
        (claim,) = await stage.claims()
        async with stage.database.unit() as unit:
            about = await unit.predictions.get(claim.prediction_id)

    assert say_plain("en", "album-photo", number=2, photos=2) in second.text
    assert "Boxer" in second.text
    assert (claim.verdict, claim.breed) == (Verdict.CORRECT, "bullmastiff")
    assert about is not None
    assert about.top[0].breed == "boxer"
    assert answer.text.startswith(again.text)  # and the notice of the first answer
    assert numbers(again) == numbers(answer)


async def test_a_photo_that_was_outvoted_shows_its_own_answer_and_what_the_others_say(stage: Stage) -> None:
    stage.say = in_turn(REX, TORN)  # type: ignore[assignment]

    async with stage.bot():
        answer = await answer_to(stage, await stage.chat.send_album(ALICE, [photo(1), photo(2)]))
        await stage.chat.press(answer, "2")
        second = await became(stage, answer, "✅")
        await stage.chat.press(second, "✅")
        await became(stage, answer, "↩️")
        await stage.settled()
        (claim,) = await stage.claims()

    assert "Beagle" in second.text
    assert second.has_button("Basset Hound")  # what ✅ confirms
    assert claim.verdict is Verdict.CONFIRM


async def test_the_answer_is_the_same_when_the_features_are_gone(stage: Stage) -> None:
    stage.say = in_turn(REX, TORN)  # type: ignore[assignment]

    async with stage.bot():
        answer = await answer_to(stage, await stage.chat.send_album(ALICE, [photo(1), photo(2)]))
        await stage.change_database("UPDATE predictions SET features = substr(features, 1, 0)")
        await stage.chat.press(answer, "1")
        await stage.chat.press(await became(stage, answer, "✅"), say_plain("en", "button-album"))
        again = await became(stage, answer, "2")

    assert answer.text.startswith(again.text)


async def test_a_restart_in_the_middle_of_an_album_loses_nothing(stage: Stage) -> None:
    stage.say = lambda _: REX

    async with stage.bot(work=False, stop=False):
        album = await stage.chat.send_album(ALICE, [photo(shade) for shade in range(6)])
        await stage.until(lambda: stage.app.photos_waiting >= 3)
    async with stage.bot():
        answer = await answer_to(stage, album)

    assert len(from_bot(stage)) == 1
    assert len(numbers(answer)) == 6


@pytest.mark.slow
async def test_a_restart_between_the_results_and_the_answer_loses_nothing(stage: Stage) -> None:
    stage.say = lambda _: REX
    stage.hurry(album_quiet_s=60.0)
    async with stage.bot(stop=False):
        album = await stage.chat.send_album(ALICE, [photo(shade) for shade in range(3)])
        await stage.until(lambda: len(stage.worker.looked_at) == 3)

    stage.hurry(album_quiet_s=0.1)
    async with stage.bot():
        await answer_to(stage, album)

    assert len(from_bot(stage)) == 1


async def test_a_photo_that_cannot_be_fetched_at_first_is_waited_for(stage: Stage) -> None:
    stage.say = lambda _: REX
    stage.chat.faults.add("server_error", method=DOWNLOAD, times=2)

    async with stage.bot():
        answer = await answer_to(stage, await stage.chat.send_album(ALICE, [photo(shade) for shade in range(3)]))

    assert len(from_bot(stage)) == 1
    assert numbers(answer) == ["1", "2", "3"]


async def test_one_that_comes_after_the_answer_is_added_to_it(stage: Stage) -> None:
    stage.say = lambda _: REX
    async with stage.bot():
        album = await stage.chat.send_album(ALICE, [photo(1), photo(2)])
        answer = await answer_to(stage, album)
        late = dict((await stage.chat.send_photo(BRUNO, photo(3))).payload["photo"][0])
        stage.deliver(ALICE, {"photo": [late], "media_group_id": album[0].album})
        whole = await became(stage, answer, "3")
        await stage.settled()

    assert len(from_bot(stage)) == 1
    assert say_plain("en", "album-one-dog", count=3) in whole.text


async def test_what_is_too_big_or_no_picture_is_said_in_the_answer_of_its_album(stage: Stage) -> None:
    stage.say = lambda _: REX

    async with stage.bot():
        picture = await stage.chat.send_document(BRUNO, photo(), name="dog.jpg")
        large = picture.payload["document"] | {"file_size": 50 * 2**20}
        paper = picture.payload["document"] | {"file_name": "a.pdf", "mime_type": "application/pdf"}
        for document in (picture.payload["document"], large, paper):
            stage.deliver(ALICE, {"document": document, "media_group_id": "77"})
        answer = await stage.chat.wait_for(lambda one: one.has_button("1"), chat=ALICE)
        await stage.settled()

    assert len(from_bot(stage)) == 1
    assert say_plain("en", "failure-short-too-large") in answer.text
    assert say_plain("en", "failure-short-unreadable") in answer.text
    assert answer.text.index("2 ·") < answer.text.index("3 ·")


async def test_an_album_of_which_nothing_can_be_read_is_answered_too(stage: Stage) -> None:
    stage.say = lambda _: Failure.UNREADABLE

    async with stage.bot():
        album = await stage.chat.send_album(ALICE, [photo(1), photo(2)])
        answer = await stage.chat.wait_for_reply(album[0])

    assert "1, 2 · ⚠️" in answer.text
    assert not answer.buttons


async def test_photos_of_an_album_beyond_fair_use_are_added_to_its_one_answer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.photo.fair_use.WINDOW_S", 8.0)
    stage.say = lambda _: REX
    stage.set(photos_per_user_minute=3)
    stage.hurry(album_patience_s=0.5)

    async with stage.bot():
        album = await stage.chat.send_album(ALICE, [photo(shade) for shade in range(6)])
        answer = await answer_to(stage, album)
        whole = await became(stage, answer, "6")
        await stage.settled()

    assert numbers(answer) == ["1", "2", "3"]
    assert numbers(whole) == ["1", "2", "3", "4", "5", "6"]
    assert len(from_bot(stage)) == 2  # the answer, and the word that it takes longer


async def test_an_album_that_comes_whole_beyond_fair_use_gets_one_word_and_one_answer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.photo.fair_use.WINDOW_S", 8.0)
    stage.say = lambda _: REX
    stage.set(photos_per_user_minute=3)

    async with stage.bot():
        await stage.chat.send_album(ALICE, [photo(1), photo(2)])
        second = await stage.chat.send_album(ALICE, [photo(shade) for shade in range(3, 6)])
        answer = await answer_to(stage, second)
        await stage.settled()
        words = [one.text for one in from_bot(stage) if "⏳ I take 3 photos a minute" in one.text]

    assert numbers(answer) == ["1", "2", "3"]
    assert (len(from_bot(stage)), len(words)) == (3, 1)


async def test_an_album_of_which_one_photo_came_is_answered_as_a_photo(stage: Stage) -> None:
    async with stage.bot():
        sent = await stage.chat.send_photo(BRUNO, photo())
        stage.deliver(ALICE, {"photo": sent.payload["photo"], "media_group_id": "78"})
        answer = await stage.chat.wait_for(lambda one: one.from_bot, chat=ALICE)

    assert answer.has_button("✅")
    assert say_plain("en", "button-album") not in str(answer.buttons)


async def test_two_albums_and_a_photo_between_them_are_kept_apart(stage: Stage) -> None:
    stage.say = lambda _: REX

    async with stage.bot():
        first = await stage.chat.send_album(ALICE, [photo(1), photo(2)])
        alone = await stage.chat.send_photo(ALICE, photo(3))
        second = await stage.chat.send_album(ALICE, [photo(4), photo(5), photo(6)])
        answers = [await answer_to(stage, album) for album in (first, second)]
        await stage.chat.wait_for_reply(alone, lambda one: one.has_button("✅"))

    assert [len(numbers(answer)) for answer in answers] == [2, 3]
    assert len(from_bot(stage)) == 3


async def test_the_answer_can_be_deleted_and_is_written_anew_for_a_late_photo(stage: Stage) -> None:
    stage.say = lambda _: REX
    async with stage.bot():
        album = await stage.chat.send_album(ALICE, [photo(1), photo(2)])
        answer = await answer_to(stage, album)
        found = stage.chat.world.messages.get(answer.chat_id, answer.message_id)
        assert found is not None
        stage.chat.world.delete(found)
        stage.deliver(ALICE, {"photo": album[0].payload["photo"], "media_group_id": album[0].album})
        await stage.chat.wait_for(lambda one: one.has_button("3"), chat=ALICE)

    assert len(from_bot(stage)) == 1


@pytest.mark.parametrize("width", [1, 10])
async def test_somebody_elses_album_is_not_theirs_to_judge(stage: Stage, width: int) -> None:
    stage.say = lambda _: REX

    async with stage.bot():
        answer = await answer_to(stage, await stage.chat.send_album(ALICE, [photo(n) for n in range(max(2, width))]))
        press = await stage.chat.press(answer, "2", user=BRUNO)
        reaction = await press.answer()

    assert reaction.show_alert


def test_photos_are_put_together_as_the_manifest_of_the_head_says() -> None:
    manifest = {"labels": ["beagle", "borzoi", "pug", NOT_A_DOG], "calibration": {"unsure_below": 0.4}}
    model = ModelVersionRecord("three", "mobilenet-1", datetime.now(UTC), None, None, manifest, None)

    assert fusion_of(model) == Fusion(breeds=3, unsure_below=0.4)
    assert fusion_of(replace(model, manifest={"labels": None})) == fusion_of(None) == Fusion(breeds=0)


async def test_a_frame_that_does_not_speak_for_its_video_has_no_answer_of_its_own_in_an_album(stage: Stage) -> None:
    async with stage.bot(work=False), stage.database.unit() as unit:
        await queued(unit)
        await unit.albums.open(ANNA, "a", ANNA)
        answers = []
        for message, frame in ((1, None), (2, 0), (2, 1)):
            job = await unit.jobs.add(
                photo_sha256=PHOTO, user_id=ANNA, chat_id=ANNA, message_id=message, media_group_id="a", frame=frame
            )
            answers.append(await predict(unit, job.id, prediction()))
        await unit.jobs.set_album_dog([answers[1].job_id], 0)
        speaking, silent = [await shown_answer(unit, answer) for answer in answers[1:]]

    assert speaking.shot is not None
    assert silent.album is not None
    assert silent.shot is None
