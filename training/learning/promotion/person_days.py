"""What people said of a model's answers, one opinion a person and day. Pure."""

from collections.abc import Sequence

from core.claim import Verdict
from db.learning.answer_opinions import SaidOfAnswer
from db.learning.claim_status import CORRECTIONS
from training.learning.promotion.rollback_rule import Opinion


def opinions(said: Sequence[SaidOfAnswer]) -> list[Opinion]:
    """The first answer that each person judged on each day (UTC), in that order.

    Somebody who presses ❌ a hundred times a day is one voice a day. Of an answer, the person's last word counts, and
    one that was taken back counts for nothing.
    """
    final = {(one.user_id, one.prediction_id): one.verdict for one in said}
    firsts: dict[tuple[int, object], Opinion] = {}
    for one in said:
        verdict = final[one.user_id, one.prediction_id]
        if verdict is Verdict.CONFIRM or verdict in CORRECTIONS:
            firsts.setdefault((one.user_id, one.created_at.date()), Opinion(one.user_id, verdict in CORRECTIONS))
    return list(firsts.values())
