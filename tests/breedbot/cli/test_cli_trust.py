"""`feedback trust` on a real database with the shipped model, and `feedback simulate` on a few drawn photos."""

import asyncio
import json
from pathlib import Path

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

ANNA = 700_000_001
TOP = (BreedScore("afghan_hound", 0.6), BreedScore("borzoi", 0.3), BreedScore("pug", 0.001))


@pytest.fixture
def said(home: Path) -> list[int]:
    """Something plausible and something absurd; ids of the claims."""
    url = write_migrated(home / "data" / "breedbot.sqlite3")

    async def say() -> list[int]:
        database = await Database.open(url)
        events = []
        async with database.unit() as unit:
            await unit.users.seen(ANNA, "en")
            await unit.consents.set(ANNA, Consent.YES)
            await unit.consents.set(ANNA, Consent.YES)
            for sha256, breed in (("a" * 64, "borzoi"), ("b" * 64, "pug")):
                await unit.photos.add(sha256, size_bytes=1, mime="image/jpeg", width=64, height=48)
                job = await unit.jobs.add(photo_sha256=sha256, user_id=ANNA, chat_id=ANNA, message_id=1)
                said = NewPrediction(Kind.BREED, TOP, 0.01, "head-1", "bones", b"")
                answer = await predict(unit, job.id, said)
                claim = await unit.feedback.append(
                    prediction_id=answer.id, user_id=ANNA, verdict=Verdict.CORRECT, breed=breed
                )
                events.append(claim.id)
        await database.close()
        return events

    return asyncio.run(say())


def test_trust_accepts_what_is_plausible_and_explains_everything(
    cli: Cli, said: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    plausible, absurd = said
    early = json.loads(cli("feedback", "trust", "--dry-run", "--json").stdout)
    monkeypatch.setenv("BREEDBOT_TRUST_WAIT", "0")

    dry = json.loads(cli("feedback", "trust", "--dry-run", "--json").stdout)
    wet = cli("feedback", "trust")
    again = json.loads(cli("feedback", "trust", "--json").stdout)
    listed = json.loads(cli("feedback", "list", "--status", "accepted", "--json").stdout)

    assert (early["looked_at"], early["accepted"]) == (2, 0)  # for a day somebody may look at it first
    assert (dry["dry_run"], dry["looked_at"], dry["accepted"]) == (True, 2, 1)
    assert {one["event_id"]: one["decision"] for one in dry["decisions"]} == {plausible: "accepted", absurd: None}
    assert "accepted: borzoi is no. 2 of the champion's answers" in wet.stdout
    assert "accepted 1 of 2 claims; the others wait for a moderator" in wet.stdout
    assert (again["looked_at"], again["accepted"]) == (1, 0)
    assert len(listed) == 1


def test_nobody_is_named_in_what_trust_says(cli: Cli, said: list[int]) -> None:
    assert str(ANNA) not in cli("feedback", "trust", "--dry-run", "--json").stdout


def test_switched_off_trust_says_so(cli: Cli, said: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREEDBOT_TRUST", "off")

    ended = cli("feedback", "trust")

    assert ended.exit_code == 0
    assert ended.stdout == "the trust policy is switched off (BREEDBOT_TRUST=off); moderators decide\n"


def test_a_wrong_mix_is_one_line(cli: Cli, home: Path) -> None:
    ended = cli("feedback", "simulate", "--data", home, "--mix", "honest=1,evil=3")

    assert ended.exit_code == 1
    assert ended.stderr.startswith("breedbot: mix 'honest=1,evil=3': 'evil=3' is no KIND=SHARE with KIND of honest")
    assert ended.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_folder_with_too_few_photos_is_refused_in_a_line(cli: Cli, home: Path) -> None:
    draw(home / "dogs", each=3)

    ended = cli("feedback", "simulate", "--data", home / "dogs")

    assert ended.exit_code == 1
    assert "too few photos of" in ended.stderr


@pytest.mark.slow
def test_simulate_plays_on_photos_and_writes_its_report(cli: Cli, home: Path) -> None:
    draw(home / "dogs", each=20)

    ended = cli(
        "feedback", "simulate", "--data", home / "dogs", "--rounds", 1, "--users", 3, "--mix", "honest=1,colluding=.4",
        "--report", home / "report", "--json",
    )  # fmt: skip

    assert ended.exit_code == 0, ended.stderr
    stated = json.loads(ended.stdout)
    assert set(stated["reviews"]) == {"none", "policy", "perfect", "truth"}
    assert len(stated["reviews"]["policy"]["seasons"][0]) == 2
    assert {file.name for file in (home / "report").iterdir()} == {
        "simulation.json", "simulation-accuracy.png", "simulation-claims.png", "simulation-breed.png",
    }  # fmt: skip


def draw(folder: Path, each: int) -> None:
    """Photos whose colour tells the breed, mostly."""
    rng = np.random.default_rng(1)
    colours = {"beagle": (200, 80, 80), "borzoi": (80, 200, 80), "pug": (80, 80, 200), "not_a_dog": (120, 120, 120)}
    for label, colour in colours.items():
        (folder / label).mkdir(parents=True)
        for number in range(each):
            pixels = np.clip(np.array(colour) + rng.normal(0, 60, (32, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).resize((64, 64)).save(folder / label / f"{number}.jpg")
