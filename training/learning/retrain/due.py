"""Is a retrain due? One rule, for the scheduler in the bot and for `breedbot retrain --if-due`.

Where claims can teach without a moderator, the command lets the trust policy decide about those that wait before it
asks; so the scheduler starts it also when the policy has something to look at.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.chat.chat_records import ModelVersionRecord
from db.database import Database
from db.learning.answer_opinions import NewestIds
from db.learning.learning_records import RetrainRecord, RetrainStatus, RetrainTrigger
from db.unit import Unit

TRIAL_LIMIT = timedelta(days=14)  # a candidate that is still on trial by then will never have been seen enough
DAY = timedelta(days=1)  # after one that was refused, though somebody's claims are to go
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
        forgotten: claims that taught the champion and are not there any more.
    """

    last: RetrainRecord | None
    champion_since: datetime | None
    corrections: int
    newest: NewestIds
    forgotten: int = 0


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
    """When the command was started last, what was the newest then, and how many claims had been forgotten."""

    at: datetime
    newest: NewestIds
    forgotten: int = 0


async def retrain_facts(database: Database) -> RetrainFacts:
    """Look them up; raises DatabaseError."""
    async with database.unit(read_only=True) as unit:
        last = next(iter(await unit.retrains.last(1)), None)
        champion = await unit.model_versions.champion()
        corrections = await unit.retrains.accepted_since(None if last is None else last.started_at)
        newest = await unit.judged.newest()
        gone = 0 if champion is None else await _forgotten(unit, champion)
    since = None if champion is None else champion.promoted_at
    return RetrainFacts(last, since, corrections, newest, gone)


async def _forgotten(unit: Unit, champion: ModelVersionRecord) -> int:
    lesson = champion.manifest.get("feedback")
    if lesson is None or await unit.retrains.get(champion.model_id) is None:
        return 0  # it was not made here
    return max(0, int(lesson["claims"]) - await unit.evidence.count(champion.model_id))


def due(now: datetime, facts: RetrainFacts, rules: DueRules) -> Due:
    """Whether to retrain now. Pure."""
    last = facts.last
    if last is not None and last.status is RetrainStatus.SHADOW and now - last.started_at < TRIAL_LIMIT:
        return Due(None, f"{last.model_id} is still on trial")
    if last is not None and last.status is RetrainStatus.FAILED and now - last.started_at < TRY_AGAIN:
        return Due(None, "the last one failed less than an hour ago")
    refused = last is not None and last.status is RetrainStatus.REJECTED and now - last.started_at < DAY
    if facts.forgotten and not refused:
        return Due(RetrainTrigger.FORGOTTEN, f"{facts.forgotten:,} claims that taught the champion are forgotten")
    return _due_by_corrections(now, facts, rules)


def _due_by_corrections(now: datetime, facts: RetrainFacts, rules: DueRules) -> Due:
    last, corrections = facts.last, facts.corrections
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
    seen = looked is not None and looked.newest == facts.newest and looked.forgotten == facts.forgotten
    if looked is not None and seen and now - looked.at < ASK_AGAIN:
        return None
    found = due(now, facts, rules)
    if found.trigger is not None:
        return found.reason
    something = bool(facts.newest.claim or facts.newest.decision)
    return "the trust policy has claims to look at" if rules.trust and something else None
