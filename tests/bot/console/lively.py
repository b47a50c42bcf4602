"""A month of a bot that people use: photos by day and night, two models, opinions, retrains."""

import json
import math
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

BREEDS = ("beagle", "pug", "saluki", "borzoi", "whippet", "siberian_husky", "alaskan_malamute", "basset_hound")
OLD, NEW = "dogs83-20261020-1a2b3c", "dogs83-20261118-607057"
_TIME = "%Y-%m-%d %H:%M:%S.%f"


def fill(file: Path, now: datetime, photos: int, *, days: int = 30, seed: int = 1) -> None:
    """Put `photos` photos of the last days into a migrated database."""
    draw = random.Random(seed)
    moments = sorted(_moment(draw, now, days) for _ in range(photos))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        stamp = (now - timedelta(days=40)).strftime(_TIME)
        connection.executemany(
            "INSERT INTO users (id, created_at, seen_at, consent) VALUES (?, ?, ?, 'yes')",
            ((one, stamp, stamp) for one in range(1, 51)),
        )
        photo = ("a" * 64, 1, "image/jpeg", 1, 1, stamp)
        connection.execute(
            "INSERT INTO photos (sha256, size_bytes, mime, width, height, created_at) VALUES (?, ?, ?, ?, ?, ?)", photo
        )
        for number, moment in enumerate(moments, 1):
            _photo(connection, draw, number, moment, now)
        _models(connection, now)


def _moment(draw: random.Random, now: datetime, days: int) -> datetime:
    while True:
        moment: datetime = now - timedelta(days=days * draw.random() ** 1.25)
        daylight = 0.5 - 0.5 * math.cos((moment.hour + moment.minute / 60 - 3) / 24 * 2 * math.pi)
        if draw.random() < 0.08 + daylight:
            return moment


def _photo(connection: sqlite3.Connection, draw: random.Random, number: int, moment: datetime, now: datetime) -> None:
    user = draw.randrange(1, 51)
    busy = 4 if moment.hour in {18, 19} else 1
    seconds = draw.lognormvariate(-0.1, 0.5) * busy
    failed, answered = draw.random() < 0.015, moment + timedelta(seconds=seconds) < now
    status = "queued" if not answered else "failed" if failed else "answered"
    told = (moment + timedelta(seconds=seconds)).strftime(_TIME) if answered else None
    connection.execute(
        "INSERT INTO jobs (id, photo_sha256, user_id, chat_id, message_id, status, failure, attempts, created_at, "
        "answered_at) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
        (number, "a" * 64, user, user, number, status, "unreadable" if failed else None, moment.strftime(_TIME), told),
    )
    if status != "answered":
        return
    new = moment > now - timedelta(days=5)
    breed, sure = draw.choice(BREEDS), min(0.99, draw.betavariate(9 if new else 6, 1.6))
    kind = "not_a_dog" if draw.random() < 0.07 else "unsure" if sure < 0.55 else "breed"
    model, top = NEW if new else OLD, json.dumps([[breed, sure]])
    connection.execute(
        "INSERT INTO predictions (id, job_id, token, user_id, chat_id, kind, top, not_a_dog, model_id, backbone_id, "
        "photo_sha256, created_at, features) VALUES (?, ?, ?, ?, ?, ?, ?, 0.01, ?, 'bones', ?, ?, x'00')",
        (number, number, f"{number:012d}", user, user, kind, top, model, "a" * 64, told),
    )
    if draw.random() < 0.3:
        wrong = draw.random() < (0.03 + 0.035 * BREEDS.index(breed)) * (0.6 if new else 1.1)
        connection.execute(
            "INSERT INTO feedback_events (prediction_id, user_id, verdict, breed, created_at) VALUES (?, ?, ?, ?, ?)",
            (number, user, "correct" if wrong else "confirm", "pug" if wrong else None, told),
        )


def _models(connection: sqlite3.Connection, now: datetime) -> None:
    swap = now - timedelta(days=5)
    for model, begin, end in ((OLD, now - timedelta(days=34), swap), (NEW, swap, None)):
        connection.execute(
            "INSERT INTO model_versions (model_id, backbone_id, created_at, promoted_at, retired_at, manifest) "
            "VALUES (?, 'bones', ?, ?, ?, '{}')",
            (model, begin.strftime(_TIME), begin.strftime(_TIME), end.strftime(_TIME) if end else None),
        )
    retrains: tuple[tuple[str, str | None, int], ...] = (
        ("rejected", "dogs83-20261111-aa11", 12),
        ("promoted", NEW, 5),
        ("nothing_new", None, 1),
    )
    for status, made, ago in retrains:
        begun = (now - timedelta(days=ago, hours=3)).strftime(_TIME)
        connection.execute(
            'INSERT INTO retrains (started_at, finished_at, "trigger", status, champion_id, model_id, host, pid) '
            "VALUES (?, ?, 'schedule', ?, ?, ?, 'h', 1)",
            (begun, begun, status, OLD, made),
        )


def now() -> datetime:
    """In the middle of an hour, so that the last bar is neither empty nor whole."""
    return datetime.now(UTC).replace(minute=40, second=0, microsecond=0)
