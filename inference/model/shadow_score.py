"""What a candidate, scored beside the champion, says of one photo."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShadowAnswer:
    """What a candidate would have answered: a breed slug, or None for "no dog", and how sure it is, 0–1."""

    model: str
    breed: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class ShadowRefusal:
    """A candidate that cannot be scored. Said with every photo until the pointer moves: results may get lost."""

    model: str
    reason: str


ShadowScore = ShadowAnswer | ShadowRefusal
