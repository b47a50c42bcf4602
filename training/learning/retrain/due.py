"""Whether it is time to retrain. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.learning.learning_records import RetrainRecord, RetrainStatus, RetrainTrigger

TRIAL_LIMIT = timedelta(days=14)  # a candidate that is still on trial by then will never have been seen enough
TRY_AGAIN = timedelta(hours=1)  # after one that failed


@dataclass(frozen=True, slots=True)
class DueRules:
    """`RETRAIN_EVERY` (zero = never by schedule) and `RETRAIN_AFTER`."""

    every: timedelta
    after: int


@dataclass(frozen=True, slots=True)
class Due:
    """Whether, and why (not); `trigger` None = not now."""

    trigger: RetrainTrigger | None
    reason: str

    def to_json(self) -> dict[str, str]:
        """What `breedbot retrain --if-due --json` prints when it is not."""
        return {"status": "not_due", "reason": self.reason}

    def to_lines(self) -> list[str]:
        """For people."""
        return [f"not due: {self.reason}"]


def due(
    now: datetime, last: RetrainRecord | None, champion_since: datetime | None, corrections: int, rules: DueRules
) -> Due:
    """Think about it.

    Args:
        now: the time.
        last: the last retrain.
        champion_since: when the champion was promoted; None: nobody knows.
        corrections: newly accepted ones since `last` began.
        rules: the settings.
    """
    if last is not None and last.status is RetrainStatus.SHADOW and now - last.started_at < TRIAL_LIMIT:
        return Due(None, f"{last.model_id} is still on trial")
    if last is not None and last.status is RetrainStatus.FAILED and now - last.started_at < TRY_AGAIN:
        return Due(None, "the last one failed less than an hour ago")
    if not corrections:
        return Due(None, "no correction was accepted since the last one")
    if corrections >= rules.after:
        return Due(RetrainTrigger.CORRECTIONS, f"{corrections:,} corrections were accepted since the last one")
    since = last.started_at if last is not None else champion_since
    if rules.every and (since is None or now - since >= rules.every):
        return Due(RetrainTrigger.SCHEDULE, f"{corrections:,} corrections, and the schedule says so")
    return Due(None, f"{corrections:,} of {rules.after:,} corrections, and it is not time yet")
