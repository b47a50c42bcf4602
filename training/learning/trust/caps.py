"""How much the policy may accept in 24 hours: by person, by label, in all; near-duplicates count once.

Two dogs of a photo are two claims: each counts for its label and in all. A person is counted by photos: who sends a
pack has not sent eight. What eight dogs in a collage could do to a breed, the caps of the label bound.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from db.learning.learning_records import AcceptedTally
from training.learning.trust.params import TrustParams
from training.learning.trust.reliability import Reliability, Trust
from training.learning.trust.waiting_claim import WaitingClaim


class Caps:
    """What has been accepted so far; asked and told claim by claim, most certain first."""

    def __init__(self, accepted: Iterable[AcceptedTally], trust: Trust, params: TrustParams) -> None:
        """Begin with what was accepted in the last 24 h."""
        self._params = params
        self._photos: dict[int, set[str]] = defaultdict(set)
        self._labels: Counter[str | None] = Counter()
        self._newcomers: Counter[str | None] = Counter()
        self._seen: set[tuple[int, str]] = set()
        for tally in accepted:
            self._photos[tally.user_id].add(tally.photo_sha256)
            self._labels[tally.breed] += tally.accepted
            self._newcomers[tally.breed] += 0 if trust.known(tally.user_id) else tally.accepted

    def full(self, claim: WaitingClaim, person: Reliability) -> str | None:
        """Which cap stands in the way, if any."""
        params = self._params
        limit = params.user_day if person.known else params.newcomer_day
        theirs = self._photos[claim.user_id]
        if len(theirs) >= limit and claim.photo_sha256 not in theirs:
            return f"claims about {limit} photos of this person accepted in 24 h"
        if (claim.photo, claim.label) in self._seen:
            return None
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
