"""How much a decision about a claim would tell: the most informative claims are reviewed first.

A correction tells most where the model was sure of something else; that is the margin by which confident learning
(Northcutt et al. 2021, https://arxiv.org/abs/1911.00068) suspects a label. Breeds that have few accepted claims
gain most from another one.
"""

from collections.abc import Sequence

from core.claim import Verdict
from core.prediction import BreedScore, Kind

OTHER = 2.0  # only a moderator can say which breed is meant
CONFIRM = 0.1  # a ✅ repeats what the model thinks
RARITY = 0.25
RARE = 10  # accepted claims that halve the bonus
WAITING = frozenset({Verdict.CONFIRM, Verdict.CORRECT, Verdict.NOT_A_DOG, Verdict.OTHER})


def review_priority(
    verdict: Verdict,
    breed: str | None,
    *,
    kind: Kind,
    top: Sequence[BreedScore],
    not_a_dog: float,
    accepted: int,
) -> float:
    """0–2; higher is first. `accepted`: how many accepted claims there are for what is claimed."""
    if verdict is Verdict.OTHER:
        return OTHER
    best = top[0].confidence if top else 0.0
    sure = not_a_dog if kind is Kind.NOT_A_DOG else best
    if verdict is Verdict.CONFIRM:
        return CONFIRM * (1 - sure)
    claimed = not_a_dog if verdict is Verdict.NOT_A_DOG else confidence_in(breed, top)
    return (1 - claimed) * sure + RARITY / (1 + accepted / RARE)


def confidence_in(breed: str | None, top: Sequence[BreedScore]) -> float:
    """The probability of a breed, 0–1; 0 for one that is not among the best."""
    return next((score.confidence for score in top if score.breed == breed), 0.0)
