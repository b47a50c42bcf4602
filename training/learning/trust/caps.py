"""How much the policy may accept in 24 hours: by person, by label, of strangers, in all; near-duplicates count once.

Two dogs of a photo are two claims: each counts for its label and in all. A person is counted by photos: who sends a
pack has not sent eight. What eight dogs in a collage could do to a breed, the caps of the label bound.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable

from db.learning.learning_records import AcceptedTally
from training.learning.trust.params import TrustParams
from training.learning.trust.reliability import Reliability, Trust
from training.learning.trust.waiting_claim import WaitingClaim

Said = tuple[int, str]
"""A photo's number, and what it is said to show."""


class Caps:
    """What has been accepted so far; asked and told claim by claim, most certain first."""

    def __init__(
        self, accepted: Iterable[AcceptedTally], trust: Trust, params: TrustParams, agreed: Container[Said] = ()
    ) -> None:
        """Begin with what was accepted in the last 24 h. `agreed`: of what two independent people say the same."""
        self._params, self._trust, self._agreed = params, trust, agreed
        self._photos: dict[int, set[str]] = defaultdict(set)
        self._labels: Counter[str | None] = Counter()
        self._newcomers: Counter[str | None] = Counter()
        self._strangers = _Strangers(params)
        self._seen: set[Said] = set()
        for tally in accepted:
            self._photos[tally.user_id].add(tally.photo_sha256)
            self._labels[tally.breed] += tally.accepted
            self._newcomers[tally.breed] += 0 if trust.known(tally.user_id) else tally.accepted
            self._strangers.count(tally.breed, tally.accepted, tally.corrections, met=trust.met(tally.user_id))

    def full(self, claim: WaitingClaim, person: Reliability) -> str | None:
        """Which cap stands in the way, if any."""
        params = self._params
        limit = params.user_day if person.known else params.newcomer_day
        theirs = self._photos[claim.user_id]
        if len(theirs) >= limit and claim.photo_sha256 not in theirs:
            return f"claims about {limit} photos of this person accepted in 24 h"
        said = (claim.photo, claim.label)
        if said in self._seen:
            return None
        if said in self._agreed or self._trust.met(claim.user_id):
            return self._too_many(claim, person)
        return self._too_many(claim, person) or self._strangers.full(claim)

    def _too_many(self, claim: WaitingClaim, person: Reliability) -> str | None:
        params = self._params
        if self._labels[claim.label] >= params.breed_day:
            return f"{params.breed_day} claims for {claim.label} accepted in 24 h"
        if not person.known and self._newcomers[claim.label] >= params.newcomer_breed_day:
            return f"{params.newcomer_breed_day} newcomers' claims for {claim.label} accepted in 24 h"
        if self._labels.total() >= params.day:
            return f"{params.day} claims accepted in 24 h"
        return None

    def count(self, claim: WaitingClaim, person: Reliability) -> None:
        """One was accepted."""
        self._photos[claim.user_id].add(claim.photo_sha256)
        if (claim.photo, claim.label) in self._seen:
            return
        self._seen.add((claim.photo, claim.label))
        self._labels[claim.label] += 1
        self._newcomers[claim.label] += not person.known
        self._strangers.count(claim.label, 1, int(not claim.confirms), met=self._trust.met(claim.user_id))


class _Strangers:
    """Accounts without a record: of their corrections as many as of others', or a few; for one label ✅ count, too."""

    def __init__(self, params: TrustParams) -> None:
        self._params = params
        self._corrections = {True: 0, False: 0}
        self._labels: dict[bool, Counter[str | None]] = {True: Counter(), False: Counter()}

    def count(self, label: str | None, claims: int, corrections: int, *, met: bool) -> None:
        self._corrections[met] += corrections
        self._labels[met][label] += claims

    def full(self, claim: WaitingClaim) -> str | None:
        params = self._params
        if self._labels[False][claim.label] >= (
            limit := max(params.strangers_breed_day, self._labels[True][claim.label])
        ):
            return f"{limit} for {claim.label} of accounts without a record accepted in 24 h"
        if claim.confirms:
            return None
        if claim.late:
            return "of accounts without a record only what was said in the last day is accepted"
        if self._corrections[False] >= (limit := max(params.strangers_day, self._corrections[True])):
            return f"{limit} corrections of accounts without a record accepted in 24 h"
        return None
