"""How probable it is that a claim is right: the model's opinion before, moved by everybody who spoke about the photo.

Bayes' rule with one assumption about people: who is reliable names what the photo shows; who is not names something
else. If it is a correction, that is this very label with the chance `aim`, or `look_alike_aim`; if it is a ✅, which
takes no thought, always.
"""

import math
from collections.abc import Sequence
from typing import Final

from training.learning.trust.params import TrustParams
from training.learning.trust.reliability import Trust
from training.learning.trust.waiting_claim import WaitingClaim

_FLOOR: Final = 1e-6  # no model is as sure as its softmax says
_Vote = tuple[str, float, float]


def beliefs(claims: Sequence[WaitingClaim], trust: Trust, params: TrustParams) -> dict[str, float]:
    """Probability of each label that somebody claims, 0–1, given all claims about one photo."""
    before = _before(claims)
    votes = _votes(claims, trust, params)
    said = [math.log(share) + sum(_says(vote, label) for vote in votes) for label, share in before.items()]
    rest = math.log(max(1 - sum(before.values()), _FLOOR)) + sum(_says(vote, None) for vote in votes)
    most = max(*said, rest)
    whole = sum(math.exp(weight - most) for weight in (*said, rest))
    return {label: math.exp(weight - most) / whole for label, weight in zip(before, said, strict=True)}


def _before(claims: Sequence[WaitingClaim]) -> dict[str, float]:
    """What the champion thinks of each claimed label, over its near-duplicates."""
    found: dict[str, list[float]] = {}
    for claim in claims:
        found.setdefault(claim.label, []).append(claim.probability)
    before = {label: max(sum(values) / len(values), _FLOOR) for label, values in found.items()}
    whole = max(sum(before.values()), 1.0)
    return {label: share / whole for label, share in before.items()}


def _votes(claims: Sequence[WaitingClaim], trust: Trust, params: TrustParams) -> list[_Vote]:
    """Label, reliability and chance of an error to be this one; newcomers who say the same are one person.

    Accounts cost nothing: ten new ones that agree may be one person, and nothing here could tell.
    """
    last = {claim.user_id: claim for claim in sorted(claims, key=lambda claim: claim.event_id)}
    spoken: list[WaitingClaim] = []
    newcomers: set[str] = set()
    for claim in sorted(last.values(), key=lambda claim: (-trust.of(claim).mean, claim.event_id)):
        if trust.of(claim).known:
            spoken.append(claim)
        elif claim.label not in newcomers:
            newcomers.add(claim.label)
            spoken.append(claim)
    return [(claim.label, trust.of(claim).mean, _aim(claim, params)) for claim in spoken]


def _aim(claim: WaitingClaim, params: TrustParams) -> float:
    if claim.confirms:
        return 1.0
    return params.look_alike_aim if claim.shared >= params.look_alike else params.aim


def _says(vote: _Vote, label: str | None) -> float:
    """Log of the chance of this vote where the photo shows `label`."""
    claimed, reliability, aim = vote
    return math.log(reliability if claimed == label else (1 - reliability) * aim)
