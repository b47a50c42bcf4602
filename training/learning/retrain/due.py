"""Is a retrain due? One rule, for the scheduler in the bot and for `breedbot retrain --if-due`.

Where claims can teach without a moderator, the command lets the trust policy decide about those that wait before it
asks; so the scheduler starts it also when the policy has something to look at.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.database import Database
from db.learning.answer_opinions import NewestIds
from db.learning.learning_records import RetrainRecord, RetrainStatus, RetrainTrigger

TRIAL_LIMIT = timedelta(days=14)  # a candidate that is still on trial by then will never have been seen enough
TRY_AGAIN = timedelta(hours=1)  # after one that failed
ASK_AGAIN = timedelta(hours=1)  # the command about the same claims and decisions: caps of the policy end with time


@dataclass(frozen=True, slots=True)
class DueRules:
    """`RETRAIN_EVERY` (zero = never by schedule), `RETRAIN_AFTER`, and whether the trust policy decides (`TRUST`)."""

    every: timedelta = timedelta(days=7)
    after: int = 50
    trust: bool = True


@dataclass(frozen=True, slots=True)
class RetrainFacts:
    """What the database says.

    Attributes:
        last: the last retrain.
        champion_since: when the champion was promoted; None: nobody knows.
        corrections: newly accepted ones since `last` began.
        newest: the newest claim and decision.
    """

    last: RetrainRecord | None
    champion_since: datetime | None
    corrections: int
    newest: NewestIds


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


@dataclass(frozen=True, slots=True)
class Looked:
    """When the command was started last, and what was the newest then."""

    at: datetime
    newest: NewestIds


async def retrain_facts(database: Database) -> RetrainFacts:
    """Look them up; raises DatabaseError."""
    async with database.unit(read_only=True) as unit:
        last = next(iter(await unit.retrains.last(1)), None)
        champion = await unit.model_versions.champion()
        corrections = await unit.retrains.accepted_since(None if last is None else last.started_at)
        newest = await unit.judged.newest()
    return RetrainFacts(last, None if champion is None else champion.promoted_at, corrections, newest)


def due(now: datetime, facts: RetrainFacts, rules: DueRules) -> Due:
    """Whether to retrain now. Pure."""
    last, corrections = facts.last, facts.corrections
    if last is not None and last.status is RetrainStatus.SHADOW and now - last.started_at < TRIAL_LIMIT:
        return Due(None, f"{last.model_id} is still on trial")
    if last is not None and last.status is RetrainStatus.FAILED and now - last.started_at < TRY_AGAIN:
        return Due(None, "the last one failed less than an hour ago")
    if not corrections:
        return Due(None, "no correction was accepted since the last one")
    if corrections >= rules.after:
        return Due(RetrainTrigger.CORRECTIONS, f"{corrections:,} corrections were accepted since the last one")
    since = last.started_at if last is not None else facts.champion_since
    if rules.every and (since is None or now - since >= rules.every):
        return Due(RetrainTrigger.SCHEDULE, f"{corrections:,} corrections, and the schedule says so")
    return Due(None, f"{corrections:,} of {rules.after:,} corrections, and it is not time yet")


def worth_starting(now: datetime, facts: RetrainFacts, rules: DueRules, looked: Looked | None) -> str | None:
    """Why the bot should start `breedbot retrain --if-due` now, for the log, or None. Pure.

    `looked`: None: it was not yet started in the life of this process.
    """
    if looked is not None and looked.newest == facts.newest and now - looked.at < ASK_AGAIN:
        return None
    found = due(now, facts, rules)
    if found.trigger is not None:
        return found.reason
    something = bool(facts.newest.claim or facts.newest.decision)
    return "the trust policy has claims to look at" if rules.trust and something else None
