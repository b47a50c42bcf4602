"""When it is worth while to start `breedbot retrain --if-due`, which then thinks about it properly. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.learning.answer_opinions import NewestIds

AT_LEAST = timedelta(hours=1)  # time alone can make one due: the schedule, the end of a trial, a failure long ago


@dataclass(frozen=True, slots=True)
class Looked:
    """When the command was started last, and what was the newest then."""

    at: datetime
    newest: NewestIds


def occasion(now: datetime, newest: NewestIds, looked: Looked | None, *, trust: bool) -> str | None:
    """Why to start it now, for the log, or None.

    Args:
        now: the time.
        newest: the newest claim and decision.
        looked: what was seen when it was started last; None: not yet in the life of this process.
        trust: whether claims alone, without a moderator's decision, can change anything.
    """
    before = looked.newest if looked is not None else NewestIds(0, 0)
    if newest.decision != before.decision:
        return "there are new decisions"
    if trust and newest.claim != before.claim:
        return "there are new claims"
    something = bool(newest.decision or (trust and newest.claim))
    if something and looked is not None and now - looked.at >= AT_LEAST:
        return "an hour has passed"
    return None
