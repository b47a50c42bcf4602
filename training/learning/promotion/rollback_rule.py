"""Whether people disagree with the new champion more than they did with the one before. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np


@dataclass(frozen=True, slots=True)
class WatchRules:
    """When the new one is compared with the one before, and how sure one must be; docs/learning.md says why.

    Attributes:
        looks: numbers of opinions since the promotion at which both are compared; the last look ends the watch.
        false_alarms: the most that the chance of a false alarm may be over all looks together.
        fewest_before: opinions about the one before that a comparison needs.
        most_before: older ones are not asked for.
        hostile: so many people, those who disagree most since the promotion, are left out of account: no five accounts
            take a model back.
        least_reliability: below that somebody's opinions count for nothing.
    """

    looks: tuple[int, ...] = (15, 25, 40, 60, 90, 135, 200, 300)
    false_alarms: float = 0.01
    fewest_before: int = 20
    most_before: int = 300
    hostile: int = 5
    least_reliability: float = 0.5

    @property
    def level(self) -> float:
        """Of each look: the chances of several false alarms add up at most (Bonferroni)."""
        return self.false_alarms / len(self.looks)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person said on one day: whether the first answer that they judged that day was wrong.

    `reliability`: of the person, 0–1; see `training/learning/trust/reliability.py`.
    """

    user_id: int
    wrong: bool
    reliability: float = 1.0


@dataclass(frozen=True, slots=True)
class WorseThanBefore:
    """The new champion is worse: opinions and ❌ since the promotion and before, and how likely that is by chance."""

    wrong: int
    opinions: int
    wrong_before: int
    opinions_before: int
    chance: float

    @property
    def share(self) -> float:
        """Of the opinions since the promotion that disagree."""
        return self.wrong / self.opinions

    @property
    def share_before(self) -> float:
        """The same of the model before."""
        return self.wrong_before / self.opinions_before

    def __str__(self) -> str:
        """For the ledger."""
        return (
            f"people disagreed {self.wrong} of {self.opinions} times since its promotion ({self.share:.0%}), and "
            f"{self.wrong_before} of {self.opinions_before} times "
            f"before ({self.share_before:.0%}); p = {self.chance:.1e}"
        )


def find_setback(since: Sequence[Opinion], before: Sequence[Opinion], rules: WatchRules) -> WorseThanBefore | None:
    """The first look that shows more disagreement than chance explains, or None.

    It depends on the opinions alone and not on how often it is asked: a look is always at the same, first ones.

    Args:
        since: of the new champion, oldest first.
        before: of the one before it.
        rules: when to look, and how sure to be.
    """
    since, before = ([one for one in some if one.reliability >= rules.least_reliability] for some in (since, before))
    if len(before) < rules.fewest_before:
        return None
    wrong_before = sum(one.wrong for one in before)
    for opinions in takewhile(lambda look: look <= len(since), rules.looks):
        seen = since[:opinions]
        trusted = _without_hostile(seen, rules.hostile)
        wrong = sum(one.wrong for one in trusted)
        chance = _by_chance(wrong, len(trusted), wrong_before, len(before)) if wrong else 1.0
        if chance <= rules.level:
            everybody = sum(one.wrong for one in seen)
            return WorseThanBefore(everybody, opinions, wrong_before, len(before), chance)
    return None


def _without_hostile(seen: Sequence[Opinion], people: int) -> list[Opinion]:
    """What the others said: whatever these people say, they alone do not decide."""
    disagreed = Counter(one.user_id for one in seen if one.wrong)
    most = {user_id for user_id, _ in disagreed.most_common(people)}
    return [one for one in seen if one.user_id not in most]


def _by_chance(wrong: int, opinions: int, wrong_before: int, opinions_before: int) -> float:
    """Fisher's exact test, one-sided: how likely so many ❌, or more, are if both shares are the same."""
    from scipy.stats import fisher_exact  # noqa: PLC0415 - 0.7 s and 75 MB that a bot without a new champion saves

    table = np.array([[wrong, opinions - wrong], [wrong_before, opinions_before - wrong_before]])
    return float(fisher_exact(table, alternative="greater").pvalue)
