"""What a run of the trust policy did, for programs and for people."""

from dataclasses import dataclass
from typing import Any

from rich.table import Table

from training.learning.trust.policy import PolicyDecision


@dataclass(frozen=True, slots=True)
class TrustOutcome:
    """One run.

    Attributes:
        model: id of the champion that saw the photos; None where the policy is switched off.
        decisions: one a claim that it looked at.
        enabled: False: switched off.
        dry_run: nothing was written.
    """

    model: str | None = None
    decisions: tuple[PolicyDecision, ...] = ()
    enabled: bool = True
    dry_run: bool = False

    @property
    def accepted(self) -> int:
        """Claims."""
        return sum(one.decision is not None for one in self.decisions)

    @property
    def summary(self) -> str:
        """One line."""
        if not self.enabled:
            return "the trust policy is switched off (BREEDBOT_TRUST=off); moderators decide"
        verb = "would accept" if self.dry_run else "accepted"
        return f"{verb} {self.accepted:,} of {len(self.decisions):,} claims; the others wait for a moderator"

    def to_json(self) -> dict[str, Any]:
        """What `breedbot feedback trust --json` prints."""
        return {
            "enabled": self.enabled,
            "dry_run": self.dry_run,
            "model": self.model,
            "looked_at": len(self.decisions),
            "accepted": self.accepted,
            "decisions": [
                {
                    "event_id": one.event_id,
                    "decision": one.decision,
                    "belief": round(one.belief, 4),
                    "reason": one.reason,
                }
                for one in self.decisions
            ],
        }

    def to_table(self, limit: int) -> Table:
        """A line a claim: accepted ones first, then those that were nearest to it."""
        table = Table("claim", "belief", "why", box=None)
        nearest = sorted(self.decisions, key=lambda one: (one.decision is None, -one.belief, one.event_id))
        for one in nearest[:limit]:
            table.add_row(str(one.event_id), f"{one.belief:.2f}", one.reason)
        if len(nearest) > limit:
            table.caption = f"the first {limit:,} of {len(nearest):,}"
        return table
