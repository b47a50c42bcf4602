"""Claims that people put right count as rejected, as if they had said so, and a "don't know" counts as nothing."""

import json
from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The last decision about a claim that a person accepted as something else than it may have said.
_PUT_RIGHT = """
SELECT e.user_id, e.verdict, e.breed, r.breed AS chosen, p.kind, p.top
FROM reviews r JOIN feedback_events e ON e.id = r.feedback_event_id JOIN predictions p ON p.id = e.prediction_id
WHERE r.decision = 'accepted' AND r.breed IS NOT NULL AND r.reviewer <> 'policy'
AND e.verdict IN ('correct', 'not_a_dog', 'confirm', 'dont_know')
AND NOT EXISTS (SELECT 1 FROM reviews later WHERE later.feedback_event_id = e.id AND later.id > r.id)
"""


def upgrade() -> None:
    """To this revision."""
    _move(1)


def downgrade() -> None:
    """Back to the one before."""
    _move(-1)


def _move(sign: int) -> None:
    connection = op.get_bind()
    accepted: Counter[int] = Counter()
    rejected: Counter[int] = Counter()
    for row in connection.execute(sa.text(_PUT_RIGHT)):
        wrong = row.verdict != "dont_know" and _claimed(row) != row.chosen
        accepted[row.user_id] += row.verdict == "dont_know" or wrong
        rejected[row.user_id] += wrong
    more = "accepted = accepted - :less, rejected = rejected + :more"
    change = sa.text(f"UPDATE contributors SET {more} WHERE user_id = :user")  # noqa: S608 - both are ours
    for user_id, less in accepted.items():
        if less:
            connection.execute(change, {"user": user_id, "less": sign * less, "more": sign * rejected[user_id]})


def _claimed(row: sa.Row) -> str | None:  # type: ignore[type-arg]
    if row.verdict == "not_a_dog" or (row.verdict == "confirm" and row.kind == "not_a_dog"):
        return "not_a_dog"
    if row.verdict == "correct":
        return str(row.breed)
    top = json.loads(row.top) if isinstance(row.top, str) else row.top
    return str(top[0][0]) if top else None
