"""`feedback list|accept|reject|reopen|export` on a real database and photo store."""

import asyncio
import csv
import json
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
from cli_types import Cli
from PIL import Image
from sqlite_file import write_migrated
from stored import predict

from core.claim import Verdict
from core.prediction import BreedScore, Kind
from db.chat.chat_records import Consent, NewPrediction
from db.database import Database
from db.photos.photo_store import PhotoFolder
from training.data.read.dataset import read_photos

ANNA, BEN = 700_000_001, 700_000_002
TOP = (BreedScore("saluki", 0.9), BreedScore("borzoi", 0.05))
PLACE = b"place: 48.8566 N"


def jpeg(seed: int) -> bytes:
    """A photo that tells where it was taken."""
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 64, 3), np.uint8)
    exif, file = Image.Exif(), BytesIO()
    exif[0x010E] = PLACE.decode()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif)
    return file.getvalue()


class Said:
    """What people say to the bot of this home."""

    def __init__(self, home: Path) -> None:
        self.url = write_migrated(home / "data" / "breedbot.sqlite3")
        self.store = PhotoFolder(home / "data" / "photos", reserve_bytes=0)

    def claim(
        self,
        verdict: Verdict = Verdict.CORRECT,
        breed: str | None = "borzoi",
        *,
        user_id: int = ANNA,
        photo: bytes | None = None,
        suggestion: str | None = None,
    ) -> int:
        """About an answer of its own, which says "saluki"; the id of the claim."""
        named = breed if verdict is Verdict.CORRECT else None
        return asyncio.run(self._claim(verdict, named, user_id, photo or jpeg(user_id), suggestion))

    async def _claim(
        self, verdict: Verdict, breed: str | None, user_id: int, photo: bytes, suggestion: str | None
    ) -> int:
        sha256 = await self.store.put(photo)
        database = await Database.open(self.url)
        try:
            async with database.unit() as unit:
                await unit.users.seen(user_id, "en")
                await unit.consents.set(user_id, Consent.YES)
                await unit.photos.add(sha256, size_bytes=len(photo), mime="image/jpeg", width=64, height=48)
                job = await unit.jobs.add(photo_sha256=sha256, user_id=user_id, chat_id=user_id, message_id=1)
                said = NewPrediction(Kind.BREED, TOP, 0.01, "head-1", "bones", b"")
                answer = await predict(unit, job.id, said)
                claim = await unit.feedback.append(
                    prediction_id=answer.id, user_id=user_id, verdict=verdict, breed=breed, suggestion=suggestion
                )
        finally:
            await database.close()
        return claim.id


@pytest.fixture
def said(home: Path) -> Said:
    return Said(home)


def listed(cli: Cli, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(cli("feedback", "list", "--json", *words).stdout)
    return found


def test_what_waits_is_listed_most_informative_first_without_naming_anybody(cli: Cli, said: Said) -> None:
    confirmed = said.claim(Verdict.CONFIRM)
    typed = said.claim(Verdict.OTHER, suggestion="Moon Hound", user_id=BEN)

    first, second = listed(cli)

    assert (first["event"], first["suggestion"], first["status"]) == (typed, "Moon Hound", "waiting")
    assert (second["event"], second["verdict"], second["claimed"]) == (confirmed, "confirm", "saluki")
    assert (first["answered"], first["confidence"], first["model"]) == ("saluki", 0.9, "head-1")
    assert Path(str(first["photo"])).read_bytes() == jpeg(BEN)
    assert "user" not in first
    assert [one["user"] for one in listed(cli, "--with-users")] == [BEN, ANNA]
    assert len(listed(cli, "--limit", "1")) == 1


def test_the_list_for_people_says_what_was_answered_and_corrected(cli: Cli, said: Said) -> None:
    said.claim(breed="borzoi")
    said.claim(Verdict.OTHER, suggestion="Moon Hound", user_id=BEN)

    shown = cli("feedback", "list").stdout

    for word in ("Saluki 90%", "Borzoi", "“Moon Hound”", str(said.store.root.parent)):
        assert word in shown
    assert str(ANNA) not in shown


def test_accepted_claims_teach_what_the_person_or_the_reviewer_says(cli: Cli, said: Said) -> None:
    first, second = said.claim(), said.claim(Verdict.OTHER, suggestion="Afghan", user_id=BEN)

    plain = cli("feedback", "accept", first)
    mapped = cli("feedback", "accept", second, "--breed", "afghan_hound")

    assert (plain.exit_code, mapped.exit_code) == (0, 0)
    assert plain.stdout == f"{first} accepted\n"
    assert [(one["event"], one["label"], one["reviewer"]) for one in listed(cli, "--status", "accepted")] == [
        (second, "afghan_hound", "cli"),
        (first, "borzoi", "cli"),
    ]
    assert listed(cli) == []


def test_a_rejected_claim_keeps_its_reason_and_can_be_reopened(cli: Cli, said: Said) -> None:
    claim = said.claim()

    cli("feedback", "reject", claim, "--reason", "it is a fox")
    [rejected] = listed(cli, "--status", "rejected")
    reopened = cli("feedback", "reopen", claim)

    assert (rejected["event"], rejected["reason"], rejected["label"]) == (claim, "it is a fox", None)
    assert reopened.exit_code == 0
    assert [one["event"] for one in listed(cli)] == [claim]


def test_a_claim_set_aside_is_listed_so_and_can_be_restored(cli: Cli, said: Said) -> None:
    event = said.claim()
    cli("feedback", "accept", event)

    cli("feedback", "set-aside", event, "--reason", "one person, two accounts")
    [aside] = listed(cli, "--status", "set_aside")
    again = cli("feedback", "set-aside", event)
    restored = cli("feedback", "restore", event)

    assert (aside["event"], aside["reason"]) == (event, "one person, two accounts")
    assert (again.exit_code, restored.exit_code) == (1, 0)
    assert f"claim {event} was not accepted" in again.stderr
    assert [one["event"] for one in listed(cli, "--status", "accepted")] == [event]


def test_one_claim_that_cannot_be_decided_holds_no_other_up(cli: Cli, said: Said) -> None:
    decided, named_nothing, last = said.claim(), said.claim(Verdict.OTHER, suggestion="?", user_id=BEN), said.claim()
    cli("feedback", "reject", decided)

    result = cli("feedback", "accept", decided, 999, named_nothing, last, last)

    assert result.exit_code == 1
    assert result.stdout == f"{last} accepted\n"
    assert len(result.stderr.splitlines()) == 3
    for said_why in ("rejected by cli", "claim 999 is not in the database", "names no breed; accept it with one"):
        assert said_why in result.stderr
    again = cli("feedback", "accept", last)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "was accepted by cli" in again.stderr


@pytest.mark.parametrize("words", [("accept", "1", "--breed", "unicorn"), ("accept", "x"), ("accept",), ("reject",)])
def test_wrong_words_are_refused_before_anything_is_decided(cli: Cli, said: Said, words: tuple[str, ...]) -> None:
    claim = said.claim()

    refused = cli("feedback", *words)

    assert refused.exit_code != 0
    assert len(refused.stderr.splitlines()) == 1
    assert [one["event"] for one in listed(cli)] == [claim]


def test_the_table_holds_every_claim_and_nothing_that_a_spreadsheet_would_run(
    cli: Cli, said: Said, tmp_path: Path
) -> None:
    accepted = said.claim()
    typed = said.claim(Verdict.OTHER, suggestion="=HYPERLINK(1)", user_id=BEN)
    cli("feedback", "accept", accepted)

    written = cli("feedback", "export", tmp_path / "out")

    rows = list(csv.DictReader((tmp_path / "out" / "feedback.csv").read_text(encoding="utf-8").splitlines()))
    assert "2 claims" in written.stdout
    assert [(int(row["event"]), row["status"], row["label"], row["suggestion"]) for row in rows] == [
        (accepted, "accepted", "borzoi", ""),
        (typed, "waiting", "", "'=HYPERLINK(1)"),
    ]
    assert str(ANNA) not in (tmp_path / "out" / "feedback.csv").read_text()
    cli("feedback", "export", tmp_path / "named", "--with-users")
    assert str(ANNA) in (tmp_path / "named" / "feedback.csv").read_text()


def test_accepted_photos_are_a_folder_that_training_reads_and_that_tells_no_place(
    cli: Cli, said: Said, tmp_path: Path
) -> None:
    claims = [
        said.claim(breed="borzoi"),
        said.claim(breed="beagle", photo=jpeg(3)),
        said.claim(Verdict.NOT_A_DOG, user_id=BEN),
    ]
    said.claim(breed="pug", photo=jpeg(4))
    cli("feedback", "accept", *claims)

    written = cli("feedback", "export", tmp_path / "out", "--format", "folders")

    photos = read_photos(tmp_path / "out")
    assert "3 photos" in written.stdout
    assert sorted(photo.breed for photo in photos) == ["beagle", "borzoi", "not_a_dog"]
    groups = {photo.breed: photo.group for photo in photos}
    assert groups["beagle"] == groups["borzoi"] != groups["not_a_dog"]
    assert all(PLACE not in photo.path.read_bytes() for photo in photos)
    assert str(ANNA) not in (tmp_path / "out" / "photos.csv").read_text()


def test_photos_that_cannot_be_exported_are_named_and_left_out(cli: Cli, said: Said, tmp_path: Path) -> None:
    fine, gone, broken = said.claim(), said.claim(photo=jpeg(3)), said.claim(photo=b"no photo")
    disputed = [
        said.claim(breed=breed, photo=jpeg(5), user_id=user) for breed, user in (("pug", ANNA), ("chow_chow", BEN))
    ]
    cli("feedback", "accept", fine, gone, broken, *disputed)
    Path(str(next(one for one in listed(cli, "--status", "accepted") if one["event"] == gone)["photo"])).unlink()

    written = cli("feedback", "export", tmp_path / "out", "--format", "folders")

    assert "1 photos" in written.stdout
    assert len(written.stderr.splitlines()) == 3
    for reason in ("not in the photo store", "contradict each other", "no photo"):
        assert reason in written.stderr


def test_what_waits_becomes_tasks_with_what_model_and_person_said(cli: Cli, said: Said, tmp_path: Path) -> None:
    claim = said.claim(breed="borzoi")

    cli("feedback", "export", tmp_path / "out", "--format", "label-studio")

    [task] = json.loads((tmp_path / "out" / "tasks.json").read_text())
    view = fromstring((tmp_path / "out" / "interface.xml").read_text())
    choices = view.find("Choices")
    image = view.find("Image")
    assert choices is not None
    assert image is not None
    offered = {choice.get("value") for choice in choices}
    path = task["data"]["image"].removeprefix("/data/local-files/?d=")
    copy = (tmp_path / path).read_bytes()
    assert Image.open(BytesIO(copy)).size == (64, 48)
    assert PLACE not in copy
    assert (task["data"]["event"], task["data"]["said"]) == (claim, "Borzoi")
    assert "user" not in task["data"]
    assert [(guess["model_version"], guess["score"]) for guess in task["predictions"]] == [
        ("head-1", 0.9),
        ("person", 1.0),
    ]
    for guess in task["predictions"]:
        [result] = guess["result"]
        assert (result["from_name"], result["to_name"], result["type"]) == (
            choices.get("name"), image.get("name"), "choices",
        )  # fmt: skip
        assert set(result["value"]["choices"]) <= offered
    assert {"borzoi", "not_a_dog", "reject"} <= offered


@pytest.mark.parametrize("kind", ["csv", "folders", "label-studio"])
def test_nothing_is_written_over_and_nothing_half_written(cli: Cli, said: Said, tmp_path: Path, kind: str) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "mine.txt").write_text("mine")

    nothing = cli("feedback", "export", tmp_path / "out", "--format", kind)
    cli("feedback", "accept", said.claim())
    said.claim(user_id=BEN)
    refused = cli("feedback", "export", there, "--format", kind)

    assert (nothing.exit_code, refused.exit_code) == (1, 1)
    assert "exists already" in refused.stderr
    assert [path.name for path in there.iterdir()] == ["mine.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "there"]
