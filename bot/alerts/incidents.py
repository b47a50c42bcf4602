"""Which troubles there are, when they have begun and when they are over: told once, however they flicker. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Values = Mapping[str, str | float]


class Trouble(StrEnum):
    """What can be wrong. `views/alert.py` has the words."""

    MODEL = "model"
    DISK = "disk"
    BACKLOG = "backlog"
    ERRORS = "errors"
    DATABASE = "database"
    RETENTION = "retention"
    POISON = "poison"
    """Photos that the process dies of: an event, which is never over."""
    TAKEN_BACK = "taken_back"
    """A model was rolled back by itself: an event, too."""
    PROMOTED = "promoted"
    """A model answers from now on: an event."""
    REFUSED = "refused"
    """A retrain was refused, or failed: an event."""
    SET_ASIDE = "set_aside"
    """A retrain found claims that made a model worse: an event."""
    ROLLED_BACK = "rolled_back"
    """Somebody took a model back: an event."""
    REFUSALS = "refusals"
    """Retrains keep being refused: nothing is learned."""


@dataclass(frozen=True, slots=True)
class AlertRules:
    """When a moderator's phone shall ring.

    Attributes:
        look_s: pause between two looks.
        looks: a trouble has begun when it was seen that often in a row.
        over_after_s: it is over when it was not seen for so long; twice as long for each time it has come back lately.
        lately_s: how far back that goes.
        again_after_s: events are told at most that often, together.
        backlog_s: age of the oldest photo that waits.
        disk_bytes: free space; photos are refused below 200 MB.
        error_share, errors: failures of ours among what was done within `window_s`, and the fewest.
        window_s: see there.
        refusals: retrains in a row that were refused or failed.
    """

    look_s: float = 30.0
    looks: int = 2
    over_after_s: float = 300.0
    lately_s: float = 86_400.0
    again_after_s: float = 3600.0
    backlog_s: float = 600.0
    disk_bytes: int = 2**30
    error_share: float = 0.2
    errors: int = 5
    window_s: float = 600.0
    refusals: int = 3


@dataclass(frozen=True, slots=True)
class News:
    """Something to be told. `over`: the trouble has ended; `values` are those of its beginning."""

    trouble: Trouble
    values: Values
    over: bool = False


@dataclass(slots=True)
class _State:
    seen: int = 0  # looks in a row
    last_seen: float = 0.0
    values: Values = field(default_factory=dict)
    announced: bool = False
    began: list[float] = field(default_factory=list)


class Incidents:
    """Told what each look has found, it says what is new.

    Args:
        rules: how patient it is.
        announced: troubles that an earlier life of the process has told of, with their values.
        now: the time, in any seconds that go on from life to life.
    """

    def __init__(self, rules: AlertRules, announced: Mapping[Trouble, Values], now: float) -> None:
        self._rules = rules
        self._states = {trouble: _State() for trouble in Trouble}
        for trouble, values in announced.items():
            self._states[trouble] = _State(0, now, values, announced=True, began=[now])

    def look(self, found: Mapping[Trouble, Values], now: float) -> list[News]:
        """What to tell after this look."""
        news = []
        for trouble, state in self._states.items():
            if trouble in found:
                state.seen, state.last_seen, state.values = state.seen + 1, now, found[trouble]
                if state.seen >= self._rules.looks and not state.announced:
                    state.announced = True
                    state.began = [moment for moment in state.began if moment > now - self._rules.lately_s] + [now]
                    news.append(News(trouble, state.values))
            else:
                state.seen = 0
                if state.announced and now - state.last_seen >= self._patience_s(state):
                    state.announced = False
                    news.append(News(trouble, state.values, over=True))
        return news

    @property
    def current(self) -> dict[Trouble, Values]:
        """Those that were announced and are not over."""
        return {trouble: state.values for trouble, state in self._states.items() if state.announced}

    def _patience_s(self, state: _State) -> float:
        return float(self._rules.over_after_s * 2 ** min(len(state.began) - 1, 6))


def to_json(troubles: Mapping[Trouble, Values]) -> dict[str, Any]:
    """For the file that outlives the process."""
    return {trouble.value: dict(values) for trouble, values in troubles.items()}


def from_json(stored: object) -> dict[Trouble, Values]:
    """The same backwards; what cannot be understood is left out."""
    if not isinstance(stored, dict):
        return {}
    known = {trouble.value: trouble for trouble in Trouble}
    return {known[name]: values for name, values in stored.items() if name in known and isinstance(values, dict)}
