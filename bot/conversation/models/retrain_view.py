"""/retrain: that it is under way, for how long, and what came of it."""

from collections.abc import Mapping
from typing import Any

from bot.telegram.message import View
from bot.texts import Fact, say
from db.learning.learning_records import RetrainRecord, RetrainStatus

REASONS = 5
_MADE_A_MODEL = frozenset({RetrainStatus.SHADOW, RetrainStatus.PROMOTED, RetrainStatus.REJECTED})


def retrain_started(seconds: float, language: str) -> View:
    """It is under way, for so long."""
    if seconds < 1:
        return View(say(language, "retrain-started"))
    return View(f"{say(language, 'retrain-started')}\n{say(language, 'retrain-for', count=round(seconds))}")


def retrain_already(language: str) -> View:
    """Another one is."""
    return View(say(language, "retrain-already"))


def retrain_elsewhere(language: str) -> View:
    """This process cannot start one."""
    return View(say(language, "retrain-elsewhere"))


def retrain_ended(retrain: RetrainRecord | None, language: str) -> View:
    """What came of it; None: it died before it could say."""
    status = retrain.status if retrain is not None else RetrainStatus.RUNNING
    model = (retrain.model_id if retrain is not None else None) or "?"
    parts = [say(language, f"retrain-ended-{status.replace('_', '-')}", model=model)]
    if retrain is not None:
        parts += [say(language, "retrain-reason", reason=Fact(reason)) for reason in _reasons(retrain)]
        if retrain.evidence_count and status in _MADE_A_MODEL:
            parts.append(say(language, "retrain-evidence", count=retrain.evidence_count))
        if retrain.finished_at is not None:
            seconds = max(1, round((retrain.finished_at - retrain.started_at).total_seconds()))
            parts.append(say(language, "retrain-took", count=seconds))
    return View("\n".join(parts))


def _reasons(retrain: RetrainRecord) -> list[str]:
    """What went wrong, in the words of the gate or of the error; facts, so in English only."""
    return [retrain.error] if retrain.error else _failed_checks(retrain.verdict or {})[:REASONS]


def _failed_checks(verdict: Mapping[str, Any]) -> list[str]:
    checks = verdict.get("checks") or []
    return [str(check.get("sentence") or check.get("name")) for check in checks if not check.get("passed", True)]
