"""What became of retrains since the last look: each promotion, refusal and roll-back is told once. Pure.

What a retrain set aside is told when it ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.alerts.incidents import News, Trouble
from db.learning.learning_records import RetrainRecord, RetrainStatus

LOOKED_AT: Final = 20
BY_ITSELF: Final = "rolled back by itself"  # told by who did it, with its numbers
REFUSED: Final = frozenset({RetrainStatus.REJECTED, RetrainStatus.FAILED})
_TOLD: Final = {
    RetrainStatus.PROMOTED: Trouble.PROMOTED,
    RetrainStatus.REJECTED: Trouble.REFUSED,
    RetrainStatus.FAILED: Trouble.REFUSED,
    RetrainStatus.ROLLED_BACK: Trouble.ROLLED_BACK,
}


class RetrainNews:
    """Remembers the last ones. ``known``: what an earlier life of the process saw; None: what is past is no news."""

    def __init__(self, known: Mapping[str, str] | None) -> None:
        self._known = dict(known) if known is not None else None

    @property
    def known(self) -> dict[str, str] | None:
        """Statuses by id, as JSON takes them."""
        return self._known

    def look(self, last: Sequence[RetrainRecord]) -> list[News]:
        """What to tell. Takes the last ones, newest first."""
        before, self._known = self._known, {str(one.id): one.status.value for one in last}
        if before is None:
            return []
        changed = [one for one in reversed(last) if before.get(str(one.id)) != one.status.value]
        news: list[News] = []
        for one in changed:
            if before.get(str(one.id)) in {None, RetrainStatus.RUNNING.value}:
                news += _set_aside(one)
            if _worth_telling(one):
                news.append(News(_TOLD[one.status], _values(one)))
        return news


def refusals(last: Sequence[RetrainRecord]) -> int:
    """How many of the last ones in a row were refused or failed; takes them newest first."""
    count = 0
    for one in last:
        if one.status in REFUSED:
            count += 1
        elif one.status not in {RetrainStatus.NOTHING_NEW, RetrainStatus.RUNNING}:
            break
    return count


def why_refused(one: RetrainRecord) -> str:
    """A fact, so in English only."""
    checks: Sequence[Mapping[str, Any]] = (one.verdict or {}).get("checks") or []
    failed = [str(check.get("sentence") or check.get("name")) for check in checks if not check.get("passed", True)]
    return one.error or "; ".join(failed) or "no reason is noted"


def _set_aside(one: RetrainRecord) -> Iterator[News]:
    """One for each reason, as the gate gives it."""
    for aside in (one.verdict or {}).get("set_aside") or ():
        values = {"count": len(aside["events"]), "people": aside["people"], "reason": aside["why"]}
        yield News(Trouble.SET_ASIDE, values)


def _worth_telling(one: RetrainRecord) -> bool:
    return one.status in _TOLD and not (one.error or "").startswith(BY_ITSELF)


def _values(one: RetrainRecord) -> dict[str, str | float]:
    model = one.model_id or "?"
    if one.status is RetrainStatus.PROMOTED:
        return {"model": model, "count": one.evidence_count or 0}
    return {"model": model, "champion": one.champion_id, "reason": why_refused(one)}
