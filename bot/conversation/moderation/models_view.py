"""/models: which model answers, how good it is, what answered before, what waits its turn; and /retrain."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.telegram.message import View
from bot.texts import Html, Percent, day, say
from core.breeds.catalogue import NOT_A_DOG
from db.chat.chat_records import ModelVersionRecord
from db.learning.learning_records import RetrainRecord, RetrainStatus, ShadowAgreement

REASONS = 5
_MADE_A_MODEL = frozenset({RetrainStatus.SHADOW, RetrainStatus.PROMOTED, RetrainStatus.REJECTED})


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """What the page shows.

    Attributes:
        champion: the model that answers.
        previous: the one that answered before.
        shadows: models that are tried out, and how their answers compare with those given.
        retrains: the last ones, newest first.
    """

    champion: ModelVersionRecord | None
    previous: ModelVersionRecord | None = None
    shadows: Sequence[tuple[str, ShadowAgreement]] = ()
    retrains: Sequence[RetrainRecord] = ()


def models(page: ModelsPage, language: str) -> View:
    """The page."""
    parts = (
        _champion(page.champion, language),
        _previous(page.previous, language),
        *(_shadow(model, agreement, language) for model, agreement in page.shadows),
        _retrains(page.retrains, language),
    )
    return View("\n\n".join(part for part in parts if part))


def model_numbers(manifest: Mapping[str, Any], language: str) -> Html:
    """What its manifest states of a model, in one line; empty where it states nothing that we know."""
    return Html(" · ".join(_numbers(manifest, language)))


def _numbers(manifest: Mapping[str, Any], language: str) -> Iterator[Html]:
    metrics = manifest.get("metrics") or {}
    if labels := manifest.get("labels"):
        yield say(language, "models-breeds", count=sum(label != NOT_A_DOG for label in labels))
    if (top1 := metrics.get("top1")) and top1.get("n"):
        yield say(language, "models-right", share=Percent(top1["value"]), n=top1["n"])
    if (rejected := metrics.get("not_a_dog_rejected")) and rejected.get("n"):
        yield say(language, "models-no-dog", share=Percent(rejected["value"]))
    if metrics.get("ece") is not None:
        yield say(language, "models-calibration", error=Percent(metrics["ece"]))


def _champion(model: ModelVersionRecord | None, language: str) -> Html:
    if model is None:
        return say(language, "models-none")
    since = day(model.promoted_at or model.created_at, language)
    head = say(language, "models-champion", model=model.model_id, since=since)
    return Html(f"{head}\n{model_numbers(model.manifest, language)}".rstrip())


def _previous(model: ModelVersionRecord | None, language: str) -> Html | None:
    if model is None or model.retired_at is None:
        return None
    return say(language, "models-previous", model=model.model_id, until=day(model.retired_at, language))


def _shadow(model: str, agreement: ShadowAgreement, language: str) -> Html:
    same = Percent(agreement.same_answer / agreement.photos) if agreement.photos else "–"
    text = say(language, "models-shadow", model=model, count=agreement.photos, same=same)
    if not agreement.judged:
        return text
    judged = say(
        language,
        "models-judged",
        judged=agreement.judged,
        candidate=agreement.candidate_right,
        champion=agreement.champion_right,
    )
    return Html(f"{text}\n{judged}")


def _retrains(retrains: Sequence[RetrainRecord], language: str) -> Html | None:
    if not retrains:
        return None
    lines = [
        say(language, "models-retrain", when=day(one.started_at, language), outcome=_short(one, language))
        for one in retrains
    ]
    return Html("\n".join([say(language, "models-retrains"), *lines]))


def _short(retrain: RetrainRecord, language: str) -> Html:
    return say(language, f"retrain-short-{retrain.status.replace('_', '-')}")


def retrain_started(language: str) -> View:
    """It is under way."""
    return View(say(language, "retrain-started"))


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
        parts += [say(language, "retrain-reason", reason=reason) for reason in _reasons(retrain)]
        if retrain.evidence_count and status in _MADE_A_MODEL:
            parts.append(say(language, "retrain-evidence", count=retrain.evidence_count))
    return View("\n".join(parts))


def _reasons(retrain: RetrainRecord) -> list[str]:
    """What went wrong, in the words of the gate or of the error; facts, so in English only."""
    return [retrain.error] if retrain.error else _failed_checks(retrain.verdict or {})[:REASONS]


def _failed_checks(verdict: Mapping[str, Any]) -> list[str]:
    checks = verdict.get("checks") or []
    return [str(check.get("sentence") or check.get("name")) for check in checks if not check.get("passed", True)]
