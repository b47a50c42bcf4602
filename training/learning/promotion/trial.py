"""Whether a candidate has been watched long enough beside the champion, and what that showed. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from db.learning.learning_records import ShadowAgreement


class Course(StrEnum):
    """What is to be done with a candidate."""

    WAIT = "wait"
    PROMOTE = "promote"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class TrialRules:
    """The bounds of a trial; docs/learning.md says why.

    Attributes:
        photos: to be seen before a candidate answers; 0 = none.
        patience: after that long fewer will do…
        fewest: …but not fewer than these.
        least_agreement: a share of equal answers below this, beyond chance, is implausible for a model that passed
            the gate.
        doubt: how unlikely under `least_agreement` it must be.
        proof: how unlikely under equal quality a lead on judged photos must be to count as one.
    """

    photos: int = 50
    patience: timedelta = timedelta(days=7)
    fewest: int = 10
    least_agreement: float = 0.7
    doubt: float = 0.01
    proof: float = 0.05


@dataclass(frozen=True, slots=True)
class Ruling:
    """What to do, and a sentence why."""

    course: Course
    reason: str


def rule(seen: ShadowAgreement, age: timedelta, rules: TrialRules) -> Ruling:
    """What to do with a candidate of that age after what was seen of it."""
    if seen.photos < rules.photos and (age < rules.patience or seen.photos < rules.fewest):
        return Ruling(Course.WAIT, f"{seen.photos} of {rules.photos} photos seen")
    if _leads(seen.champion_right - seen.candidate_right, seen, rules):
        return Ruling(Course.DROP, f"it is right less often than the champion: {summary(seen)}")
    if _implausible(seen, rules) and not _leads(seen.candidate_right - seen.champion_right, seen, rules):
        least = f"{rules.least_agreement:.0%}"
        return Ruling(Course.DROP, f"it agrees with the champion too rarely, {least} is the least: {summary(seen)}")
    return Ruling(Course.PROMOTE, summary(seen))


def summary(seen: ShadowAgreement) -> str:
    """`the same answer on 47 of 50 photos; of 6 judged ones it had 5 right and the champion 3`."""
    text = f"the same answer on {seen.same_answer} of {seen.photos} photos"
    if seen.judged:
        text += f"; of {seen.judged} judged ones it had {seen.candidate_right} right and the champion "
        text += str(seen.champion_right)
    return text


def _implausible(seen: ShadowAgreement, rules: TrialRules) -> bool:
    return seen.photos > 0 and _p(seen.same_answer, seen.photos, rules.least_agreement, "less") < rules.doubt


def _leads(lead: int, seen: ShadowAgreement, rules: TrialRules) -> bool:
    """Whether a lead on the judged photos is more than chance, by the sign test.

    Equal answers are right or wrong together. On how many of the others exactly one was right is not known: the most
    that are possible make the lead least telling, so that a finding is one whatever the number.
    """
    differing = min(seen.judged, seen.photos - seen.same_answer)
    return lead > 0 and _p((differing + lead) // 2, differing, 0.5, "greater") < rules.proof


def _p(hits: int, tries: int, share: float, alternative: Literal["less", "greater"]) -> float:
    """Exact binomial test: the probability of so many hits, or fewer (more), if each try is one by that chance."""
    from scipy.stats import binomtest  # noqa: PLC0415 - 0.7 s and 75 MB that a bot without a candidate saves

    return float(binomtest(hits, tries, share, alternative=alternative).pvalue)
