"""What a simulation is like, and which ways to review it compares."""

from dataclasses import dataclass, field
from enum import StrEnum

from training.learning.simulation.crowd import Mix
from training.learning.trust.params import TrustParams


class Review(StrEnum):
    """Who decides about claims."""

    NONE = "no protection"
    """Nobody: everything is accepted, and every candidate answers without asking the gate."""
    POLICY = "trust policy"
    """The policy alone, and a moderator for as many claims as the rules say; then the gate."""
    PERFECT = "perfect review"
    """A moderator who sees everything and never errs; then the gate."""
    TRUTH = "true labels"
    """Every photo that somebody spoke about, by its true label, without the gate: what it is measured against."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One way for things to go.

    Attributes:
        rounds: each of them is a day.
        corrections, confirmations: claims a round, colluding ones aside.
        users: people, and as many colluding accounts again if there are any.
        mix: what people are like, by their shares of the claims.
        moderated: claims a round that a moderator decides beside the policy, most informative first.
        victim: breed that colluding accounts attack; None: another one in each repeat.
        params: of the policy.
    """

    rounds: int = 10
    corrections: int = 100
    confirmations: int = 100
    users: int = 50
    mix: Mix = field(default_factory=lambda: Mix.parse("honest=.8,malicious=.2"))
    moderated: int = 0
    victim: str | None = None
    params: TrustParams = field(default_factory=TrustParams)

    def __post_init__(self) -> None:
        """Refuse what cannot be; raises ValueError."""
        if min(self.rounds, self.users) < 1 or min(self.corrections, self.confirmations, self.moderated) < 0:
            raise ValueError("a simulation needs a round and a person at least, and no number below 0")
