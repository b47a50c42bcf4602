"""A model that ships, honest people and an attack: nine days, a retrain every third, by the code that the bot uses."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Final

import numpy as np

from core.claim import Decision
from db.learning.learning_records import ReviewCounts
from inference.model.head import Head
from training.data.read.labelled_photo import DatasetError
from training.learning.gate.golden import Golden
from training.learning.gate.golden_checks import truth_probability
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.gate.paired import right
from training.learning.photos.duplicates import alike_any
from training.learning.retrain.accepted_claims import AcceptedPhotos, Claim, LeftOut
from training.learning.retrain.candidate import Candidate, Starting, make_candidate
from training.learning.retrain.directions import Directions
from training.learning.simulation.siege.attacks import ATTACKED, AttackKind, Said, Speakers
from training.learning.simulation.siege.made_photos import MadePhotos
from training.learning.trust.confusion import shared_probability
from training.learning.trust.params import TrustParams
from training.learning.trust.policy import POLICY, decide
from training.learning.trust.reliability import Trust
from training.learning.trust.waiting_claim import WaitingClaim

DAYS: Final = 9
RETRAIN_EVERY: Final = 3
SENT: Final = 0.7  # of the photos; the others are only measured
REVIEWED: Final = 20  # accepted claims of each person who is known
MIXED: Final = 250  # photos that attackers have of a breed, each between two real ones
TODAY: Final = date(2026, 1, 1)


@dataclass(frozen=True)
class Ground:
    """Where it takes place.

    Attributes:
        start: the head that ships, with its golden photos and exemplars.
        sent: photos that people send; none of them golden.
        unseen: photos that nothing is decided by.
        made: photos that attackers make of others.
    """

    start: Starting
    sent: LabelledRows
    unseen: LabelledRows
    made: Mapping[AttackKind, MadePhotos] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        head: Head,
        golden: Golden,
        photos: LabelledRows,
        made: Mapping[AttackKind, MadePhotos] | None = None,
        *,
        width: int = 512,
        seed: int = 1,
    ) -> "Ground":
        """Deal the photos; everything along `width` directions besides those of the head, as in a retrain.

        Raises:
            DatasetError: there are no photos but golden ones, or of breeds that the head lacks.
        """
        known = np.isin(photos.labels, head.labels) & ~alike_any(photos.features, golden.photos.features)
        if not known.any():
            raise DatasetError("no photos but those that the model is measured on; nobody could send any")
        dealt = np.random.default_rng(seed).random(len(photos)) < SENT
        sent, unseen = photos.chosen(known & dealt), photos.chosen(known & ~dealt)
        directions = Directions.of((head,), golden, sent, width)
        small = directions.head(head)
        start = Starting(small, small, small, frozenset(), directions.golden(golden))
        along = {kind: some.along(directions) for kind, some in (made or {}).items()}
        return cls(start, directions.rows(sent), directions.rows(unseen), along)


@dataclass(frozen=True, slots=True)
class SiegeResult:
    """What came of it.

    Attributes:
        attack: which.
        hostile, hostile_accepted, hostile_set_aside: claims of the attackers.
        hostile_known: those of the accepted ones that are about copies of golden photos, and left out for that.
        honest, honest_accepted, honest_set_aside: claims of the others.
        retrains, passed: with anything new to learn; that ended with a candidate.
        victim_before, victim_after: mean probability of the truth on unseen photos of the attacked breeds; 0–1.
        breeds: the same afterwards, of each breed that any attack is on.
        top1_before, top1_after: on all unseen photos.
        unseen: how many those are.
        unseen_of_victims: the same of the attacked breeds.
    """

    attack: str
    hostile: int
    hostile_accepted: int
    hostile_set_aside: int
    hostile_known: int
    honest: int
    honest_accepted: int
    honest_set_aside: int
    retrains: int
    passed: int
    victim_before: float
    victim_after: float
    top1_before: float
    top1_after: float
    unseen: int
    unseen_of_victims: int
    breeds: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


class Siege:
    """One attack, from the first day to the last."""

    def __init__(self, ground: Ground, kind: AttackKind, seed: int = 1, params: TrustParams | None = None) -> None:
        """Nothing has happened yet."""
        self._ground, self._kind, self._start = ground, kind, ground.start
        labels = ground.start.base.labels
        self._params = (params or TrustParams()).among(len(labels))
        self._sent = _with_mixtures(ground.sent, sorted({pair[0] for pair in kind.pairs}), seed)
        self._known: frozenset[int] = frozenset()
        made = ground.made.get(kind)
        if made is not None:
            self._known = frozenset((len(self._sent) + np.flatnonzero(made.known)).tolist())
            self._sent = LabelledRows(
                np.concatenate([self._sent.features, made.rows.features]),
                np.concatenate([self._sent.labels, made.rows.labels]),
            )
        of_made = 0 if made is None else len(made.rows)
        self._speakers = Speakers(self._sent.labels, labels, kind, seed, len(ground.sent), of_made)
        self._counts = {user: ReviewCounts(user, accepted=REVIEWED) for user in Speakers.reviewed()}
        self._said: list[Said] = []
        self._waiting: list[Said] = []
        self._late: frozenset[int] = frozenset()
        self._accepted: list[Said] = []
        self._aside: set[int] = set()
        self._retrains = self._passed = 0

    def play(self) -> SiegeResult:
        """All days."""
        for day in range(1, DAYS + 1):
            said = self._speakers.day(self._start.champion.probabilities(self._sent.features))
            self._said += said
            self._late = frozenset(one.event_id for one in self._waiting)
            self._waiting += said
            self._review()
            if day % RETRAIN_EVERY == 0:
                self._retrain()
        return self._result()

    def _review(self) -> None:
        champion, golden = self._start.champion, self._start.golden.photos
        shared = shared_probability(champion.probabilities(golden.features), golden.labels, champion.labels)
        seen = champion.probabilities(self._sent.features[[one.row for one in self._waiting]])
        claims = [
            replace(
                WaitingClaim.seen(
                    one.event_id, one.user_id, one.row, one.label, confirms=one.confirms, probabilities=row,
                    labels=champion.labels, shared=shared,
                ),
                late=one.event_id in self._late,
            )
            for one, row in zip(self._waiting, seen, strict=True)
        ]  # fmt: skip
        decisions = decide(claims, Trust.weigh(claims, self._counts, self._params), (), self._params)
        taken = {one.event_id for one in decisions if one.decision is Decision.ACCEPTED}
        for one in (one for one in self._waiting if one.event_id in taken):
            before = self._of(one.user_id)
            self._counts[one.user_id] = ReviewCounts(
                one.user_id, before.accepted, 0, before.policy_accepted + 1, 0, before.set_aside
            )
        self._accepted += [one for one in self._waiting if one.event_id in taken]
        self._waiting = [one for one in self._waiting if one.event_id not in taken]

    def _retrain(self) -> None:
        teaching = [one for one in self._accepted if one.event_id not in self._aside and one.row not in self._known]
        accepted = self._photos(teaching)
        if not accepted.not_in(self._start.champion_events).any():
            return
        self._retrains += 1
        made = make_candidate(accepted, self._start, TODAY)
        for event in (event for aside in made.set_aside for event in aside.event_ids):
            self._aside.add(event)
            user = next(one.user_id for one in teaching if one.event_id == event)
            before = self._of(user)
            self._counts[user] = ReviewCounts(user, before.accepted, 0, before.policy_accepted, 0, before.set_aside + 1)
        if made.verdict.passed:
            self._passed += 1
            self._promote(made)

    def _promote(self, made: Candidate) -> None:
        events = frozenset(made.learned.events)
        self._start = Starting(self._start.base, made.head, made.examined, events, self._start.golden)

    def _photos(self, claims: Sequence[Said]) -> AcceptedPhotos:
        rows = [one.row for one in claims]
        features = self._sent.features[rows]
        about = tuple(
            (Claim(one.event_id, one.user_id, one.label, not one.confirms, POLICY, str(one.row), "simulated",
                   row.astype(np.float16)),)
            for one, row in zip(claims, features, strict=True)
        )  # fmt: skip
        return AcceptedPhotos(
            LabelledRows(features, np.array([one.label for one in claims], np.str_)), about, LeftOut()
        )

    def _result(self) -> SiegeResult:
        base, champion, unseen = self._ground.start.base, self._start.champion, self._ground.unseen
        breeds = sorted({pair[0] for pair in self._kind.pairs}) or sorted(set(unseen.labels.tolist()))
        accepted = {one.event_id for one in self._accepted}
        hostile, honest = ([one for one in self._said if one.hostile is of_attack] for of_attack in (True, False))
        theirs, ours = (_counted(claims, accepted, self._aside) for claims in (hostile, honest))
        return SiegeResult(
            attack=self._kind.value,
            hostile=theirs[0],
            hostile_accepted=theirs[1],
            hostile_set_aside=theirs[2],
            hostile_known=sum(one.row in self._known for one in self._accepted),
            honest=ours[0],
            honest_accepted=ours[1],
            honest_set_aside=ours[2],
            retrains=self._retrains,
            passed=self._passed,
            victim_before=_probability(base, unseen, breeds),
            victim_after=_probability(champion, unseen, breeds),
            top1_before=float(right(base, unseen).mean()),
            top1_after=float(right(champion, unseen).mean()),
            unseen=len(unseen),
            unseen_of_victims=int(np.isin(unseen.labels, breeds).sum()),
            breeds={breed: round(_probability(champion, unseen, [breed]), 4) for breed in ATTACKED},
        )

    def _of(self, user_id: int) -> ReviewCounts:
        return self._counts.get(user_id) or ReviewCounts(user_id)


def _counted(claims: Sequence[Said], accepted: set[int], aside: set[int]) -> tuple[int, int, int]:
    events = {one.event_id for one in claims}
    return len(events), len(events & accepted), len(events & aside)


def _probability(head: Head, photos: LabelledRows, breeds: Sequence[str]) -> float:
    """Mean probability of the truth, of photos of these breeds; 0–1."""
    chosen = photos.chosen(np.isin(photos.labels, list(breeds)))
    return float(truth_probability(head, chosen).mean()) if len(chosen) else 0.0


def _with_mixtures(sent: LabelledRows, breeds: Sequence[str], seed: int) -> LabelledRows:
    """Attackers find more photos of a breed than there are here: each between two real ones."""
    rng = np.random.default_rng([seed, 2])
    features, labels = [sent.features], [sent.labels]
    for breed in breeds:
        rows = np.flatnonzero(sent.labels == breed)
        if len(rows) > 1:
            ones, others = (rng.choice(rows, MIXED) for _ in range(2))
            share = rng.uniform(0.6, 1.0, (MIXED, 1)).astype(np.float32)
            features.append(share * sent.features[ones] + (1 - share) * sent.features[others])
            labels.append(np.array([breed] * MIXED))
    return LabelledRows(np.concatenate(features), np.concatenate(labels))
