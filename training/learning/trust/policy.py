"""The trust policy: which claims are accepted without a moderator, and why; the others wait for one. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.claim import Decision
from db.learning.learning_records import AcceptedTally
from training.learning.trust.belief import beliefs
from training.learning.trust.caps import Caps
from training.learning.trust.params import TrustParams
from training.learning.trust.reliability import Reliability, Trust
from training.learning.trust.waiting_claim import WaitingClaim

POLICY = "policy"


@dataclass(frozen=True, slots=True)
class PolicyDecision:
    """What becomes of a claim.

    Attributes:
        event_id: of the claim.
        decision: accepted, or None: it waits. The policy rejects nothing: waiting costs less than being wrong.
        belief: probability that the claim is right, 0–1.
        reason: in one line, for the review and for people.
    """

    event_id: int
    decision: Decision | None
    belief: float
    reason: str

    def waits(self, why: str) -> "PolicyDecision":
        """The same claim, which is not accepted after all."""
        return replace(self, decision=None, reason=f"waits, {why}: {self.reason.partition(': ')[2]}")


def decide(
    claims: Sequence[WaitingClaim],
    trust: Trust,
    accepted: Iterable[AcceptedTally] = (),
    params: TrustParams | None = None,
) -> list[PolicyDecision]:
    """One decision a claim, in the order of the claims; the same input gives the same decisions.

    Args:
        claims: undecided ones.
        trust: whom to believe how much: everybody who claims, and those in `accepted` who are known.
        accepted: what the policy accepted in the last 24 h and still stands.
        params: its numbers.
    """
    params = params or TrustParams()
    if not params.enabled:
        return [
            PolicyDecision(claim.event_id, None, 0.0, "waits: the trust policy is switched off") for claim in claims
        ]
    believed = _believed(claims, trust, params)
    agreed = _agreed(claims, trust)
    caps = Caps(accepted, trust, params, agreed)
    decided: dict[int, PolicyDecision] = {}
    for claim in sorted(claims, key=lambda claim: (-believed[claim.event_id], claim.event_id)):
        held = "nobody could have looked at it yet" if claim.fresh and (claim.photo, claim.label) not in agreed else ""
        decided[claim.event_id] = _decision(claim, believed[claim.event_id], trust.of(claim), caps, params, held)
    return [decided[claim.event_id] for claim in claims]


def _believed(claims: Sequence[WaitingClaim], trust: Trust, params: TrustParams) -> dict[int, float]:
    by_photo: dict[int, list[WaitingClaim]] = defaultdict(list)
    for claim in claims:
        by_photo[claim.photo].append(claim)
    found: dict[int, float] = {}
    for about in by_photo.values():
        labels = beliefs(about, trust, params)
        found |= {claim.event_id: labels[claim.label] for claim in about}
    return found


def _agreed(claims: Sequence[WaitingClaim], trust: Trust) -> set[tuple[int, str]]:
    """Photos of which two people say the same, one of whom at least is known: accounts cost nothing."""
    voices: dict[tuple[int, str], set[int]] = defaultdict(set)
    for claim in claims:
        voices[claim.photo, claim.label].add(claim.user_id)
    return {said for said, people in voices.items() if len(people) > 1 and any(map(trust.known, people))}


def _decision(
    claim: WaitingClaim, belief: float, person: Reliability, caps: Caps, params: TrustParams, held: str
) -> PolicyDecision:
    """`held`: what it waits for if nothing else is in its way."""
    why = _facts(claim, belief, person)
    top = params.known_top if person.known else params.newcomer_top
    if claim.rank >= top and not (person.known and claim.shared >= params.look_alike):
        held = f"not among the champion's first {top} answers"
    elif claim.shared >= params.twins and not person.known:
        held = f"the champion hardly tells it from {claim.rival}"
    elif belief < params.accept:
        held = f"belief below {params.accept:g}"
    elif not held:
        held = caps.full(claim, person) or ""
    if held:
        return PolicyDecision(claim.event_id, None, belief, f"waits, {held}: {why}")
    caps.count(claim, person)
    return PolicyDecision(claim.event_id, Decision.ACCEPTED, belief, f"accepted: {why}")


def _facts(claim: WaitingClaim, belief: float, person: Reliability) -> str:
    who = f"{person.reviewed} claims of this person reviewed" if person.known else "a newcomer"
    said = "✅ for " if claim.confirms else ""
    return f"{said}{claim.label} {_place(claim)}; {who}, reliability {person.mean:.2f}; belief {belief:.2f}"


def _place(claim: WaitingClaim) -> str:
    if not claim.probability:
        return "is none of the champion's answers"
    place = "the champion's answer" if claim.rank == 0 else f"no. {claim.rank + 1} of the champion's answers"
    alike = f", much like {claim.rival}" if claim.shared else ""
    return f"is {place} ({claim.probability:.1%}){alike}"
