"""What became of a retrain, for people and for programs."""

from dataclasses import asdict, dataclass
from typing import Any

from db.learning.learning_records import RetrainStatus
from training.learning.gate.gate_report import GateReport
from training.learning.retrain.accepted_claims import LeftOut
from training.learning.retrain.new_breeds import NewBreeds
from training.learning.suspects.suspects import SetAside, ranges


@dataclass(frozen=True, slots=True)
class RetrainOutcome:
    """One line of the ledger, with its reasons.

    Attributes:
        status: ``nothing_new``, ``rejected``, ``shadow`` (on trial) or ``promoted``.
        champion: what the candidate was measured against.
        model: id of the candidate; None where there is none.
        claims, photos, people: that it learned from.
        new_claims: those among them that the champion does not know.
        left_out: accepted claims that teach nothing.
        breeds: that joined or wait; None with ``nothing_new``.
        verdict: the gate's; None with ``nothing_new``.
        set_aside: claims that teach nothing from now on, whose they are, and why.
        seconds: that it took.
        dry_run: nothing of it was written.
    """

    status: RetrainStatus
    champion: str
    model: str | None
    claims: int
    photos: int
    new_claims: int
    people: int
    left_out: LeftOut
    breeds: NewBreeds | None
    verdict: GateReport | None
    set_aside: tuple[SetAside, ...]
    seconds: float
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        """One object: ``breedbot retrain --json``."""
        return {
            "status": self.status.value, "model": self.model, "champion": self.champion, "claims": self.claims,
            "new_claims": self.new_claims, "photos": self.photos, "people": self.people,
            "left_out": asdict(self.left_out), "new_breeds": list(self.breeds.joining) if self.breeds else [],
            "waiting_breeds": [asdict(one) for one in self.breeds.waiting] if self.breeds else [],
            "set_aside": [one.to_json(with_users=True) for one in self.set_aside],
            "verdict": self.verdict.to_json() if self.verdict else None, "seconds": round(self.seconds, 2),
            "dry_run": self.dry_run,
        }  # fmt: skip

    def to_lines(self) -> list[str]:
        """What happened, then each check in a line."""
        checks = self.verdict.checks if self.verdict else ()
        marks = [f"{'✓' if check.passed else '✗'} {check.name}: {check.sentence}" for check in checks]
        return [self._headline(), *self._asides(), *marks]

    def _headline(self) -> str:
        learned = f"{self.photos:,} photos in {self.claims:,} accepted claims of {self.people:,} people"
        if self.status is RetrainStatus.NOTHING_NEW:
            return (
                f"nothing new to learn: {self.champion} knows the {learned}"
                if self.claims
                else "nothing was accepted yet"
            )
        made = f"{learned}, {self.new_claims:,} claims of them new, in {self.seconds:.1f} s"
        if self.status is RetrainStatus.REJECTED:
            return f"the gate refuses what was learned from {made}; {self.champion} goes on"
        if self.dry_run:
            return f"the gate would let {self.model} pass, made of {made}; nothing was written"
        going_on = "answers from now on" if self.status is RetrainStatus.PROMOTED else "is on trial"
        return f"{self.model} {going_on}, made of {made}"

    def _asides(self) -> list[str]:
        said = {reason: count for reason, count in asdict(self.left_out).items() if count}
        lines = (
            [f"left out: {', '.join(f'{count:,} {_REASONS[reason]}' for reason, count in said.items())}"]
            if said
            else []
        )
        for one in self.set_aside:
            who = f"{len(one.event_ids):,} claims of {len(one.user_ids):,} people"
            lines.append(f"set aside, for a moderator to look at: {who}; {one.why}")
            lines.append(f"  claims {ranges(one.event_ids)}; people {', '.join(map(str, one.user_ids))}")
        if self.breeds and self.breeds.joining:
            lines.append(f"new breeds: {', '.join(self.breeds.joining)}")
        if self.breeds and self.breeds.waiting:
            waiting = [f"{one.breed} ({one.photos} of {one.people} people)" for one in self.breeds.waiting]
            lines.append(f"breeds that wait for more photos: {', '.join(waiting)}")
        return lines


_REASONS = {
    "contradicted": "claims that contradict each other",
    "no_photo": "whose photo is gone, and whose features are another backbone's",
    "unknown_breed": "of breeds that the catalogue lacks",
    "golden": "about photos that models are measured on",
    "damaged": "whose features are damaged",
    "mixed": "about mixes, which no model learns to name",
    "set_aside": "that are set aside",
}
