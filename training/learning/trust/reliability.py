"""How often people are right: Beta distributions, moved by what moderators reviewed and a little by sure answers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from db.learning.learning_records import ReviewCounts
from training.learning.trust.params import TrustParams
from training.learning.trust.waiting_claim import WaitingClaim

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reliability:
    """Chance that a claim is right, as Beta(`right`, `wrong`).

    Attributes:
        right, wrong: claims, those taken for granted before the first one included.
        reviewed: claims that people decided about.
        known: no newcomer.
    """

    right: float
    wrong: float
    reviewed: int = 0
    known: bool = False

    @property
    def mean(self) -> float:
        """0–1, both excluded."""
        return self.right / (self.right + self.wrong)


class Trust:
    """Whom to believe how much.

    What the policy itself decided makes nobody more reliable: else whoever it once took for reliable would stay so.
    A newcomer is believed no more than all newcomers together who want the same: one answer changed to one label.
    Many accounts after one breed show there, where each of them has said too little to be known by it.
    """

    def __init__(
        self, people: Mapping[int, Reliability], newcomers: Mapping[Pair, Reliability], met: Collection[int]
    ) -> None:
        """By user id; of newcomers' corrections by (champion's answer, claimed label); and who is no stranger."""
        self._people, self._newcomers, self._met = people, newcomers, met

    @classmethod
    def weigh(cls, claims: Sequence[WaitingClaim], counts: Mapping[int, ReviewCounts], params: TrustParams) -> Self:
        """From everything that waits, and from how everybody's earlier claims fared."""
        by_user: dict[int, list[WaitingClaim]] = {user_id: [] for user_id in counts}
        for claim in claims:
            by_user.setdefault(claim.user_id, []).append(claim)
        people = {
            user_id: _person(theirs, counts.get(user_id) or ReviewCounts(user_id), params)
            for user_id, theirs in by_user.items()
        }
        by_pair: dict[Pair, list[WaitingClaim]] = defaultdict(list)
        for claim in claims:
            if not claim.confirms and not people[claim.user_id].known:
                by_pair[claim.best, claim.label].append(claim)
        met = {user_id for user_id, count in counts.items() if people[user_id].known or has_record(count, params)}
        return cls(people, {pair: _together(theirs, params) for pair, theirs in by_pair.items()}, met)

    def known(self, user_id: int) -> bool:
        """Whether people have reviewed enough of this person's claims."""
        person = self._people.get(user_id)
        return person is not None and person.known

    def met(self, user_id: int) -> bool:
        """Whether some claims of this person were accepted, by people or by the policy: no stranger."""
        return user_id in self._met

    def of(self, claim: WaitingClaim) -> Reliability:
        """Of the person who claims, as regards this claim."""
        person = self._people[claim.user_id]
        together = self._newcomers.get((claim.best, claim.label))
        if person.known or claim.confirms or together is None:
            return person
        return min(person, together, key=lambda reliability: reliability.mean)


def has_record(counts: ReviewCounts, params: TrustParams) -> bool:
    """Whether enough claims of a person were accepted, by people or by the policy, to be no stranger."""
    return counts.accepted + counts.policy_accepted >= params.met_after


def _person(claims: Sequence[WaitingClaim], counts: ReviewCounts, params: TrustParams) -> Reliability:
    agreed = sum(claim.rank == 0 and claim.confidence >= params.sure for claim in claims)
    beyond = _contradicted(claims, params) - params.contradicts_at_best * (len(claims) + counts.policy_accepted)
    reviewed = counts.accepted + counts.rejected
    return Reliability(
        right=params.right_before + counts.accepted + min(params.agrees_with_sure * agreed, params.agreement_limit),
        wrong=params.wrong_before
        + counts.rejected
        + params.set_aside * counts.set_aside
        + params.contradicts_sure * max(beyond, 0),
        reviewed=reviewed,
        known=reviewed >= params.known_after,
    )


def _together(claims: Sequence[WaitingClaim], params: TrustParams) -> Reliability:
    beyond = _contradicted(claims, params) - params.contradicts_in_queue * len(claims)
    return Reliability(params.right_before, params.wrong_before + params.contradicts_sure * max(beyond, 0))


def _contradicted(claims: Iterable[WaitingClaim], params: TrustParams) -> int:
    return sum(claim.rank > 0 and claim.confidence >= params.sure for claim in claims)
