"""/models: which model answers, how good it is, what answered before, what waits its turn."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.conversation.callback import BadCallback
from bot.conversation.models.facts import KnownModel, ModelsPage
from bot.conversation.models.press import ModelAction, ModelPress
from bot.telegram.message import Button, View
from bot.texts import Fact, Html, Share, day, say, say_plain
from core.breeds.catalogue import NOT_A_DOG
from db.learning.learning_records import RetrainRecord

CHECKS = 9  # in one message; the console has them all
NAME = 40  # characters of a check that has no words here
PEOPLE = 8
_SINCE_BASE = "_since_base"
_GATE = {
    "gain": "gate-gain",
    "held_out": "gate-held-out",
    "golden": "gate-golden",
    "breeds": "gate-breeds",
    "pairs": "gate-pairs",
    "calibration": "gate-calibration",
    "not_a_dog_rejected": "gate-not-a-dog-rejected",
    "dogs_rejected": "gate-dogs-rejected",
    "unsure": "gate-unsure",
}


def models(page: ModelsPage, language: str) -> View:
    """The page, with a button for whatever can be done."""
    parts = (
        _champion(page.champion, language),
        _previous(page.previous, language),
        *(_candidate(one, page.wanted, language) for one in page.candidates),
        _retrains(page.retrains, language),
    )
    return View("\n\n".join(part for part in parts if part), _buttons(page, language))


def gate_in_words(model: KnownModel, language: str) -> View:
    """What the gate asked about a model, and found; whose claims it is made of."""
    failed_first = sorted(model.checks, key=lambda check: bool(check.get("passed", True)))
    checks = [_check(check, language) for check in failed_first[:CHECKS]]
    parts = [say(language, "models-gate", model=model.version.model_id), Html("\n".join(checks))]
    parts += [_teachers(model, language), *_people(model, language)]
    return View("\n\n".join(part for part in parts if part), (_back_row(language),))


def promote_question(candidate: KnownModel, page: ModelsPage, language: str) -> View:
    """Candidate beside champion: shall it answer before its trial is over?"""
    lines = [say(language, "models-promote-question", model=candidate.version.model_id)]
    for one in (candidate, page.champion):
        if one is not None:
            numbers = model_numbers(one.version.manifest, language)
            lines.append(say(language, "models-beside", model=one.version.model_id, numbers=numbers))
    if measured_apart([one for one in (candidate, page.champion) if one is not None]):
        lines.append(say(language, "models-apart"))
    lines.append(_trial(candidate, page.wanted, language))
    yes = _press("button-promote", ModelAction.PROMOTE_YES, candidate.version.model_id, language)
    return View("\n\n".join(line for line in lines if line), (*yes, _back_row(language)))


def roll_back_question(page: ModelsPage, language: str) -> View:
    """Which model goes, which comes back, and what becomes of the claims that taught the one that goes."""
    going, back = _id(page.champion), _id(page.previous)
    people = len({one.user_id for one in page.lesson})
    text = say(language, "models-back-question", model=going, back=back)
    if not page.lesson:
        keep = _press("button-roll-back", ModelAction.KEEP, going, language)
        return View(text, (*keep, _back_row(language)))
    lesson = say(language, "models-lesson", count=len(page.lesson), people=people, model=going, back=back)
    rows = (
        *_press("button-set-aside", ModelAction.SET_ASIDE, going, language),
        *_press("button-keep-claims", ModelAction.KEEP, going, language),
    )
    return View(f"{text}\n\n{lesson}", (*rows, _back_row(language)))


def promoted(model: str, language: str) -> View:
    """It answers."""
    return View(say(language, "models-promoted", model=model), (_back_row(language),))


def rolled_back(model: str, back: str, set_aside: int, language: str) -> View:
    """It answers no more; what became of the claims."""
    done = say(language, "models-rolled-back", model=model, back=back)
    claims = say(language, "models-aside", count=set_aside) if set_aside else say(language, "models-kept")
    return View(f"{done}\n{claims}", (_back_row(language),))


def models_refused(reason: str, language: str) -> View:
    """Nothing has changed. The reason is a fact, so in English only."""
    return View(say(language, "models-refused", reason=Fact(reason)), (_back_row(language),))


def model_numbers(manifest: Mapping[str, Any], language: str) -> Html:
    """What its manifest states of a model, in one line; empty where it states nothing that we know."""
    return Html(" · ".join(_numbers(manifest, language)))


def _numbers(manifest: Mapping[str, Any], language: str) -> Iterator[Html]:
    metrics = manifest.get("metrics") or {}
    if labels := manifest.get("labels"):
        yield say(language, "models-breeds", count=sum(label != NOT_A_DOG for label in labels))
    if (top1 := metrics.get("top1")) and top1.get("n"):
        yield say(language, "models-right", share=Share(top1["value"]), n=top1["n"])
    if (rejected := metrics.get("not_a_dog_rejected")) and rejected.get("n"):
        yield say(language, "models-no-dog", share=Share(rejected["value"]))
    if metrics.get("ece") is not None:
        yield say(language, "models-calibration", error=Share(metrics["ece"]))


def measured_apart(shown: Sequence[KnownModel]) -> bool:
    """Whether their manifests state numbers of different photos."""
    metrics = [one.version.manifest.get("metrics") or {} for one in shown]
    return len({(one.get("split"), one.get("n")) for one in metrics}) > 1


def progress(seen: int, wanted: int, language: str) -> Html:
    """``31 of 50``."""
    return say(language, "models-progress", seen=seen, wanted=max(seen, wanted))


def check_name(name: str, language: str) -> str:
    """What the gate asks by that name, plain text; its own name where there are no words for it."""
    if name.endswith(_SINCE_BASE):
        return say_plain(language, "gate-since-base", name=check_name(name.removesuffix(_SINCE_BASE), language))
    return say_plain(language, _GATE[name]) if name in _GATE else name


def _champion(model: KnownModel | None, language: str) -> Html:
    if model is None:
        return say(language, "models-none")
    version = model.version
    head = say(
        language,
        "models-champion",
        model=version.model_id,
        since=day(version.promoted_at or version.created_at, language),
    )
    lines = (head, model_numbers(version.manifest, language), _teachers(model, language))
    return Html("\n".join(line for line in lines if line))


def _previous(model: KnownModel | None, language: str) -> Html | None:
    if model is None:
        return None
    retired = model.version.retired_at
    if retired is None:
        return say(language, "models-way-back", model=model.version.model_id)
    return say(language, "models-previous", model=model.version.model_id, until=day(retired, language))


def _candidate(model: KnownModel, wanted: int, language: str) -> Html:
    head = say(language, "models-candidate", model=model.version.model_id)
    lines = (head, model_numbers(model.version.manifest, language), _trial(model, wanted, language))
    return Html("\n".join(line for line in (*lines, _teachers(model, language)) if line))


def _trial(model: KnownModel, wanted: int, language: str) -> Html:
    trial = model.trial
    if trial is None:
        return Html("")
    same = Share(trial.same_answer / trial.photos) if trial.photos else "–"
    seen = progress(trial.photos, wanted, language)
    text = say(language, "models-trial", progress=seen, same=same)
    if not trial.judged:
        return text
    judged = say(
        language,
        "models-judged",
        judged=trial.judged,
        candidate=trial.candidate_right,
        champion=trial.champion_right,
    )
    return Html(f"{text}\n{judged}")


def _teachers(model: KnownModel, language: str) -> Html:
    """Empty where no feedback is part of it."""
    claims, rule = (sum(getattr(one, name) for one in model.teachers) for name in ("claims", "by_rule"))
    if not claims:
        return Html("")
    people = len(model.teachers)
    return say(language, "models-teachers", count=claims, people=people, by_people=claims - rule, rule=rule)


def _people(model: KnownModel, language: str) -> Iterator[Html]:
    """Who taught most of it; ids, for /ban and the console."""
    if model.teachers:
        most = [
            say(language, "models-teacher", person=str(one.user_id), claims=one.claims)
            for one in model.teachers[:PEOPLE]
        ]
        yield say(language, "models-most", people=Html(", ".join(most)))


def _check(check: Mapping[str, Any], language: str) -> Html:
    mark = "✅" if check.get("passed", True) else "❌"
    name = check_name(str(check.get("name"))[:NAME], language)
    return say(language, "models-check", mark=mark, name=name, sentence=Fact(check.get("sentence") or ""))


def _buttons(page: ModelsPage, language: str) -> tuple[tuple[Button, ...], ...]:
    rows: list[tuple[Button, ...]] = []
    for one in page.candidates:
        rows += _press("button-gate", ModelAction.GATE, one.version.model_id, language)
        rows += _press("button-promote", ModelAction.PROMOTE, one.version.model_id, language) if page.reins else ()
    if page.champion is not None and page.champion.checks:
        rows += _press("button-gate", ModelAction.GATE, page.champion.version.model_id, language)
    if page.reins and page.champion is not None and page.previous is not None:
        rows += _press("button-roll-back", ModelAction.BACK, page.champion.version.model_id, language)
    return tuple(rows)


def _press(key: str, action: ModelAction, model: str, language: str) -> tuple[tuple[Button, ...], ...]:
    """A row; none for a name that a button cannot hold."""
    try:
        return ((ModelPress(action, model).button(say_plain(language, key, model=model)),),)
    except BadCallback:
        return ()


def _back_row(language: str) -> tuple[Button, ...]:
    return (ModelPress(ModelAction.PAGE).button(say_plain(language, "button-back")),)


def _id(model: KnownModel | None) -> str:
    return model.version.model_id if model is not None else "?"


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
