"""The numbers of the trust policy; docs/trust.md says what they do and what they were chosen by."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class TrustParams:
    """Cautious ones, for a host without a moderator; the gate stands behind them.

    Attributes:
        enabled: False decides nothing; ``BREEDBOT_TRUST=off`` sets it.
        wait: how long a claim waits for somebody who could look at it, before it is accepted; a second, independent
            voice shortens that. ``BREEDBOT_TRUST_WAIT`` sets it, 24 h if nothing is said.
        accept: belief from which on a claim is accepted, 0–1.
        right_before, wrong_before: claims that everybody is taken to have made before the first one, right and wrong
            ones: the Beta distribution that reliability starts from, with its mean at 0.8.
        known_after: claims reviewed by people, from which on somebody is no newcomer.
        sure: confidence from which on the champion's answer is taken for the truth about a photo, to judge people by.
        contradicts_at_best: share of an honest person's claims that contradict such an answer: people correct what is
            wrong, and sure answers are wrong at times.
        contradicts_in_queue: the same share of the honest claims that wait: the others were accepted and have gone.
        contradicts_sure: wrong claims that each contradiction beyond that counts as.
        set_aside: wrong claims that each one counts as which the gate has set aside.
        agrees_with_sure: right claims that agreeing with such an answer counts as: nearly nothing, it is easily farmed.
        agreement_limit: right claims that agreement counts as at most. Less than the `known_after` reviews, and never
            one of them: nobody becomes known by pressing ✅.
        aim: chance that a wrong correction names just this breed: one in all breeds if people erred at random, 1 if
            everybody who errs were after it.
        look_alike: probability that two breeds share on golden photos, from which on they are look-alikes.
        look_alike_aim: the same chance for a look-alike of the champion's answer: who errs, and who wants to do harm
            unseen, names that.
        twins: shared probability from which on the champion hardly tells two breeds apart. What newcomers say between
            these waits: there is nothing to judge it by.
        newcomer_top, known_top: how far down the champion's list a claimed breed may be; people who are known may also
            name any look-alike of its answer.
        met_after: claims accepted, by people or by this policy, from which on an account has a record; until then its
            corrections are a stranger's.
        strangers_day: strangers' corrections accepted within 24 h; or as many as others' corrections, if these are
            more. What is above waits for a person.
        strangers_breed_day: strangers' claims, ✅ too, for one label; or as many as others'. Of a model with few labels
            at least a label's even share of `strangers_day` corrections and as many ✅.
        user_day: claims of one person accepted within 24 h.
        newcomer_day: the same of a newcomer.
        breed_day: claims for one label accepted within 24 h.
        newcomer_breed_day: of these, newcomers'.
        day: claims accepted within 24 h in all.
    """

    enabled: bool = True
    wait: timedelta = timedelta(0)
    accept: float = 0.8
    right_before: float = 4.0
    wrong_before: float = 1.0
    known_after: int = 3
    sure: float = 0.95
    contradicts_at_best: float = 0.1
    contradicts_in_queue: float = 0.25
    contradicts_sure: float = 1.0
    set_aside: float = 1.0
    agrees_with_sure: float = 0.05
    agreement_limit: float = 1.0
    aim: float = 0.1
    look_alike: float = 0.1
    look_alike_aim: float = 0.25
    twins: float = 0.4
    newcomer_top: int = 3
    known_top: int = 5
    met_after: int = 3
    strangers_day: int = 8
    strangers_breed_day: int = 1
    user_day: int = 20
    newcomer_day: int = 8
    breed_day: int = 40
    newcomer_breed_day: int = 20
    day: int = 1000

    def __post_init__(self) -> None:
        """Refuse what cannot be meant; raises ValueError."""
        for name in ("accept", "sure", "aim"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name}={getattr(self, name)}: expected a share above 0 and at most 1")
        if min(self.right_before, self.wrong_before) <= 0:
            raise ValueError("right_before and wrong_before must be above 0: nobody is known before their first claim")

    def among(self, labels: int) -> Self:
        """The same for a model of so many labels: few are each hit often, by who errs and by who is right."""
        at_random = 1 / max(labels - 1, 1)
        return replace(
            self,
            aim=max(self.aim, at_random),
            look_alike_aim=max(self.look_alike_aim, at_random),
            strangers_breed_day=max(self.strangers_breed_day, 2 * self.strangers_day // max(labels, 1)),
        )
