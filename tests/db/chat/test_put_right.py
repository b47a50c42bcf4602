"""Whether a review put a claim right: one answer for the counts of its person and for what they are told."""

from datetime import UTC, datetime

import pytest

from core.breeds.catalogue import NOT_A_DOG
from core.claim import Decision
from db.chat.chat_records import ReviewRecord


@pytest.mark.parametrize(
    ("decision", "breed", "claimed", "wrong"),
    [
        (Decision.ACCEPTED, "pug", "beagle", True),
        (Decision.ACCEPTED, "pug", NOT_A_DOG, True),
        (Decision.ACCEPTED, "pug", "pug", False),
        (Decision.ACCEPTED, None, "pug", False),
        (Decision.ACCEPTED, "pug", None, False),  # it names no label: "don't know", or a name that the catalogue lacks
        (Decision.REJECTED, "pug", "beagle", False),
        (Decision.REOPENED, "pug", "beagle", False),
        (Decision.SET_ASIDE, "pug", "beagle", False),
    ],
)
def test_a_claim_is_put_right_where_another_label_is_accepted(
    decision: Decision, breed: str | None, claimed: str | None, wrong: bool
) -> None:
    review = ReviewRecord(1, 1, decision, breed, "moderator:1", None, datetime.now(UTC))

    assert review.put_right(claimed) is wrong
