"""Rounds of claims → review → retrain → gate under one way to review, by the very code that the bot uses.

The same seed gives the same people in the same order, whoever reviews.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.claim import Decision
from db.learning.learning_records import ReviewCounts
from inference.model.head import Head
from training.heads.calibrate import calibrate
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.gate.paired import right
from training.learning.retrain.accepted_claims import AcceptedPhotos, Claim, LeftOut
from training.learning.retrain.candidate import Starting, make_candidate, named
from training.learning.retrain.fit import refit
from training.learning.simulation.claims import Attack, ClaimSource, SimulatedClaim
from training.learning.simulation.crowd import Crowd
from training.learning.simulation.photo_pool import PhotoPool
from training.learning.simulation.rules import Review, Rules
from training.learning.trust.confusion import shared_probability
from training.learning.trust.policy import POLICY, decide
from training.learning.trust.reliability import Trust
from training.learning.trust.waiting_claim import WaitingClaim

TODAY = date(2026, 1, 1)  # for the candidates' ids


@dataclass(frozen=True, slots=True, eq=False)
class RoundResult:
    """Where things stand after a round; counts are of all rounds so far.

    Attributes:
        claims, corrections: made.
        wrong: claims made that are wrong.
        accepted, accepted_wrong: claims that teach, and those of them that are wrong.
        promoted: the round's candidate answers now.
        golden, test: bool [N], photos that the champion has right.
        of_victim: bool [golden and test], photos of the breed that is, or would be, attacked.
    """

    claims: int
    corrections: int
    wrong: int
    accepted: int
    accepted_wrong: int
    promoted: bool
    golden: NDArray[np.bool_]
    test: NDArray[np.bool_]
    of_victim: NDArray[np.bool_]

    @property
    def victim(self) -> float:
        """Recall of that breed, over both parts."""
        return float(np.concatenate([self.golden, self.test])[self.of_victim].mean())


class Rounds:
    """One way to review, from the first head to the last round."""

    def __init__(
        self, pool: PhotoPool, rules: Rules, review: Review, start: Starting, attack: Attack, seed: int
    ) -> None:
        """Nothing has happened yet."""
        self._pool, self._rules, self._review, self._start, self._attack = pool, rules, review, start, attack
        self._rng = np.random.default_rng([seed, 1])
        self._crowd = Crowd(rules.users, rules.mix)
        self._free = np.ones(len(pool.sent), np.bool_)
        self._waiting: list[SimulatedClaim] = []
        self._late: frozenset[int] = frozenset()
        self._accepted: list[SimulatedClaim] = []
        self._counts: dict[int, ReviewCounts] = {}
        self._made = self._corrections = self._wrong = self._about_victim = self._flipped = 0

    def play(self) -> list[RoundResult]:
        """All rounds; the first result is that of the first head."""
        found = [self._measured(promoted=True)]
        for _ in range(self._rules.rounds):
            self._claim()
            self._decide()
            found.append(self._measured(promoted=self._retrain()))
        return found

    def _claim(self) -> None:
        rng = np.random.default_rng(self._rng.integers(2**63))  # so that a round does not depend on those before it
        source = ClaimSource(self._pool, self._champion_sees(self._pool.sent), self._free, self._attack, rng)
        people = [self._crowd.draw(count, rng) for count in (self._rules.corrections, self._rules.confirmations)]
        claims = source.claims(people[0], people[1], self._made + 1)
        claims += source.claims(self._crowd.colluders(self._flips(claims), rng), [], self._made + len(claims) + 1)
        self._late = frozenset(claim.event_id for claim in self._waiting)
        self._made += len(claims)
        self._corrections += sum(not claim.confirms for claim in claims)
        self._wrong += sum(not claim.right for claim in claims)
        self._waiting += claims

    def _flips(self, claims: list[SimulatedClaim]) -> int:
        """How many colluding claims keep their share of all claims about the victim."""
        share = self._rules.mix.flips
        self._about_victim += sum(claim.true == self._attack.victim for claim in claims)
        before = self._flipped
        self._flipped = max(before, round(self._about_victim * share / (1 - share)))
        return self._flipped - before

    def _decide(self) -> None:
        if self._review is Review.POLICY:
            self._by_moderator()
            taken = self._by_policy()
        else:
            taken = {claim.event_id for claim in self._waiting if claim.right or self._review is not Review.PERFECT}
        self._accepted += [claim for claim in self._waiting if claim.event_id in taken]
        kept = self._review is Review.POLICY
        self._waiting = [claim for claim in self._waiting if kept and claim.event_id not in taken]

    def _by_moderator(self) -> None:
        """The most informative claims, as the review queue has them: what the champion is sure is something else."""
        rows = self._champion_sees(self._about(self._waiting))
        places = [self._pool.labels.index(claim.label) for claim in self._waiting]
        told = rows.max(axis=1) * (1 - rows[np.arange(len(rows)), places]) if len(rows) else np.zeros(0)
        seen = [self._waiting[place] for place in np.argsort(-told, kind="stable")[: self._rules.moderated].tolist()]
        for claim in seen:
            counts = self._counted(claim)
            new = replace(counts, accepted=counts.accepted + claim.right, rejected=counts.rejected + (not claim.right))
            self._counts[claim.person.user_id] = new
        self._accepted += [claim for claim in seen if claim.right]
        decided = {claim.event_id for claim in seen}
        self._waiting = [claim for claim in self._waiting if claim.event_id not in decided]

    def _by_policy(self) -> set[int]:
        pool, params = self._pool, self._rules.params.among(len(self._pool.labels))
        shared = shared_probability(self._champion_sees(pool.golden), pool.golden.labels, pool.labels)
        rows = self._champion_sees(self._about(self._waiting))
        claims = [
            replace(
                WaitingClaim.seen(
                    claim.event_id, claim.person.user_id, pool.duplicates[claim.row], claim.label,
                    photo_sha256=str(claim.row), confirms=claim.confirms, probabilities=row, labels=pool.labels,
                    shared=shared,
                ),
                late=claim.event_id in self._late,
            )
            for claim, row in zip(self._waiting, rows, strict=True)
        ]  # fmt: skip
        decisions = decide(claims, Trust.weigh(claims, self._counts, params), (), params)
        taken = {one.event_id for one in decisions if one.decision is Decision.ACCEPTED}
        for claim in (claim for claim in self._waiting if claim.event_id in taken):
            counts = self._counted(claim)
            self._counts[claim.person.user_id] = replace(counts, policy_accepted=counts.policy_accepted + 1)
        return taken

    def _retrain(self) -> bool:
        accepted = simulated_photos(self._pool, self._accepted, true=self._review is Review.TRUTH)
        if self._review in {Review.NONE, Review.TRUTH}:
            self._start = replace(self._start, champion=ungated(accepted, self._start))
            return True
        made = make_candidate(accepted, self._start, TODAY)
        if made.verdict.passed:
            learned = frozenset(made.learned.events)
            self._start = replace(
                self._start, champion=made.head, champion_examined=made.examined, champion_events=learned
            )
        return made.verdict.passed

    def _measured(self, *, promoted: bool) -> RoundResult:
        head, pool = self._start.champion, self._pool
        return RoundResult(
            claims=self._made,
            corrections=self._corrections,
            wrong=self._wrong,
            accepted=len(self._accepted),
            accepted_wrong=sum(not claim.right for claim in self._accepted),
            promoted=promoted,
            golden=right(head, pool.golden),
            test=right(head, pool.test),
            of_victim=np.concatenate([part.labels == self._attack.victim for part in (pool.golden, pool.test)]),
        )

    def _champion_sees(self, photos: LabelledRows) -> NDArray[np.float32]:
        return self._start.champion.probabilities(photos.features)

    def _about(self, claims: Sequence[SimulatedClaim]) -> LabelledRows:
        return self._pool.sent.chosen(np.array([claim.row for claim in claims], np.intp))

    def _counted(self, claim: SimulatedClaim) -> ReviewCounts:
        return self._counts.get(claim.person.user_id) or ReviewCounts(claim.person.user_id)


def ungated(accepted: AcceptedPhotos, start: Starting) -> Head:
    """The head that all accepted photos make, asked nothing."""
    head = refit(
        start.base,
        start.golden.replayed,
        accepted.rows,
        start.base.labels,
        scale=start.golden.scale,
        start=start.champion,
    )
    calibration = start.golden.calibration
    return named(calibrate(head, calibration.features, calibration.labels), TODAY)


def simulated_photos(pool: PhotoPool, accepted: Sequence[SimulatedClaim], *, true: bool) -> AcceptedPhotos:
    """As `retrain.accepted_claims` makes it: each photo once, and not at all where claims contradict each other.

    Args:
        pool: the photos.
        accepted: claims.
        true: teach what the photos show, whatever was claimed.
    """
    by_photo: dict[int, list[SimulatedClaim]] = defaultdict(list)
    for claim in accepted:
        by_photo[pool.duplicates[claim.row]].append(claim)
    about: list[tuple[Claim, ...]] = []
    rows: list[int] = []
    for claims in by_photo.values():
        told = tuple(_told(pool, claim, claim.true if true else claim.label) for claim in claims)
        if len({claim.label for claim in told}) == 1:
            about.append(told)
            rows.append(claims[0].row)
    labels = np.array([claims[0].label for claims in about], np.str_)
    return AcceptedPhotos(LabelledRows(pool.sent.features[rows], labels), tuple(about), LeftOut())


def _told(pool: PhotoPool, claim: SimulatedClaim, label: str) -> Claim:
    features = pool.sent.features[claim.row].astype(np.float16)
    photo = str(claim.row)
    return Claim(claim.event_id, claim.person.user_id, label, not claim.confirms, POLICY, photo, "simulated", features)
