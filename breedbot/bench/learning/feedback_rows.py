"""A database full of feedback, as an older breedbot would have left it.

Of ten claims one replaces another, one was accepted, one rejected, and about seven wait; a hundred claims a person.
Only accepted claims have features of full size (4 KB): no other query reads them, and the file stays below 2 GB.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

BREEDS = 83
CLAIMS_EACH = 100
KEPT_TABLES = ("review_queue", "accepted_claims", "accepted_counts")
UNCLAIMED = 1000  # answers that nobody has said anything about

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
_USER = f"i / {CLAIMS_EACH} + 1"
_SHA256 = "printf('%064x', i / 10)"
_TOP = (
    f"json_array(json_array('breed_' || (i % {BREEDS}), (i * 7919 % 1000) / 1000.0), "
    f"json_array('breed_' || ((i + 1) % {BREEDS}), 0.01))"
)
_REVIEWS = (
    "INSERT INTO reviews (feedback_event_id, decision, reviewer, created_at) "
    "SELECT id, CASE id / 10 % 10 WHEN 0 THEN 'accepted' ELSE 'rejected' END, "
    "CASE id % 3 WHEN 0 THEN 'policy' ELSE 'moderator:' || (id % 3) END, created_at "
    "FROM feedback_events WHERE id / 10 % 10 < 2 AND id <= ?"
)


def fill_with_feedback(file: Path, rows: int) -> None:
    """Put `rows` claims into a database of revision 0001, and the people, photos, answers and reviews around them."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table, last, values in _contents(rows):
            numbers, columns = _NUMBERS.format(last=last), ", ".join(values)
            chosen = f"SELECT {', '.join(values.values())} FROM n"  # noqa: S608 - all ours
            connection.execute(f"INSERT INTO {table} ({columns}) {numbers} {chosen}")
        connection.execute(_REVIEWS, [claimed_answers(rows)])
        connection.commit()


def let_everybody_consent(file: Path) -> None:
    """At the head, with what revision 0002 had made of the claims: since 0003 they wait for consent."""
    with closing(sqlite3.connect(file)) as connection:
        for table in KEPT_TABLES:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - all ours
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info(before_{table})"))
            connection.execute(f"INSERT INTO {table} ({columns}) SELECT * FROM before_{table}")  # noqa: S608 - all ours
            connection.execute(f"DROP TABLE before_{table}")
        connection.execute("UPDATE users SET consent = 'yes'")
        connection.execute("UPDATE jobs SET erase_at = NULL")
        connection.commit()


def remember_what_waits(file: Path) -> None:
    """At revision 0002, for `let_everybody_consent`."""
    with closing(sqlite3.connect(file)) as connection:
        for table in KEPT_TABLES:
            connection.execute(f"CREATE TABLE before_{table} AS SELECT * FROM {table}")  # noqa: S608 - all ours
        connection.commit()


def claimed_answers(rows: int) -> int:
    """How many answers have a claim, numbered from 0; `UNCLAIMED` others follow. Some have two."""
    return rows - rows // 10


def _contents(rows: int) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Table, its last number, and what its columns are for the number `i`, from 0 on."""
    answers = claimed_answers(rows)
    last = answers + UNCLAIMED - 1
    yield "users", last // CLAIMS_EACH, {"id": "i + 1", "created_at": _time(), "seen_at": _time()}
    photo = {"sha256": "printf('%064x', i)", "size_bytes": "99999", "mime": "'image/jpeg'"}
    yield "photos", last // 10, photo | {"width": "800", "height": "600", "created_at": _time()}
    of_user = {"user_id": _USER, "chat_id": _USER, "photo_sha256": _SHA256, "created_at": _time()}
    yield "jobs", last, {"id": "i", "message_id": "i", "status": "'answered'", "attempts": "1"} | of_user
    yield "predictions", last, _prediction() | of_user
    claim = {"id": "i", "prediction_id": "i", "user_id": _USER, "created_at": _time()}
    verdict = "CASE WHEN i % 10 < 6 THEN 'confirm' WHEN i % 10 < 9 THEN 'correct' ELSE 'not_a_dog' END"
    breed = f"CASE WHEN i % 10 BETWEEN 6 AND 8 THEN 'breed_' || ((i + 7) % {BREEDS}) END"
    yield "feedback_events", answers - 1, claim | {"verdict": verdict, "breed": breed}
    later = claim | {"id": f"i + {answers}", "created_at": _time(answers)}
    other = {"verdict": "'correct'", "breed": f"'breed_' || ((i + 9) % {BREEDS})"}
    yield "feedback_events", rows - answers - 1, later | other


def _prediction() -> dict[str, str]:
    return {
        "id": "i",
        "job_id": "i",
        "token": "printf('%012x', i)",
        "kind": "CASE WHEN i % 50 = 0 THEN 'not_a_dog' ELSE 'breed' END",
        "top": _TOP,
        "not_a_dog": "0.01",
        "model_id": "'head-1'",
        "backbone_id": "'backbone-1'",
        "features": "zeroblob(CASE WHEN i / 10 % 10 = 0 THEN 4096 ELSE 16 END)",  # accepted, or read by nobody
    }


def _time(after: int = 0) -> str:
    """One claim in 30 s."""
    return f"strftime('%Y-%m-%d %H:%M:%S', '2025-01-01', '+' || ((i + {after}) * 30) || ' seconds') || '.000000'"
