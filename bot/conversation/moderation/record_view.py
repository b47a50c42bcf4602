"""How a person's earlier claims fared, beside a claim of theirs: who accepted them, and what a rule makes of that."""

from collections.abc import Iterator

from bot.texts import say_plain
from db.learning.claim_status import CORRECTIONS
from db.learning.learning_records import ReviewCounts, ReviewItem
from training.learning.trust.params import TrustParams
from training.learning.trust.reliability import has_record


def record_notes(item: ReviewItem, person: ReviewCounts, language: str, *, rule: bool) -> Iterator[str]:
    """In short, plain text; ``rule``: the trust policy decides, too."""
    if person.policy_accepted:
        yield say_plain(language, "record-rule", rule=person.policy_accepted)
    if person.set_aside:
        yield say_plain(language, "record-aside", aside=person.set_aside)
    if rule and item.verdict in CORRECTIONS and not has_record(person, TrustParams()):
        yield say_plain(language, "record-stranger")
