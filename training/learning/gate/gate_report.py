"""What the gate says, in numbers and in sentences."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Check:
    """One question.

    Attributes:
        name: short, for programs.
        passed: whether the answer lets the candidate through.
        sentence: the answer, for people.
        numbers: what it rests on.
    """

    name: str
    passed: bool
    sentence: str
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GateReport:
    """All questions; every one has to be passed."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether the candidate may answer."""
        return all(check.passed for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        """What it fell at."""
        return tuple(check for check in self.checks if not check.passed)

    def to_json(self) -> dict[str, Any]:
        """As the ledger and the manifest keep it."""
        return {"passed": self.passed, "checks": [asdict(check) for check in self.checks]}

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(tuple(Check(**check) for check in stated["checks"]))
