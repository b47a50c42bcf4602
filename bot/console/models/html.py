"""Models as HTML, in one language. Pure; everything is escaped."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from bot.console.sessions import Moderator
from bot.conversation.models.facts import KnownModel, ModelsPage
from bot.conversation.models.view import check_name, measured_apart, model_numbers, progress
from bot.texts import Fact, Html, Share, day, say_plain
from core.breeds.catalogue import NOT_A_DOG
from db.learning.learning_records import RetrainRecord
from db.learning.model_versions import Teacher

PEOPLE: Final = 25
WHY: Final = 300  # letters of a reason

_Metric = Callable[[Mapping[str, Any]], float | int | None]
_COMPARED: Final[dict[str, _Metric]] = {
    "models-m-top1": lambda metrics: _share_of(metrics, "top1"),
    "models-m-top3": lambda metrics: _share_of(metrics, "top3"),
    "models-m-ece": lambda metrics: metrics.get("ece"),
    "models-m-no-dog": lambda metrics: _share_of(metrics, "not_a_dog_rejected"),
    "models-m-dogs": lambda metrics: _share_of(metrics, "dogs_rejected"),
    "models-m-unsure": lambda metrics: _share_of(metrics, "unsure"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page for one moderator."""

    moderator: Moderator

    def body(self, found: ModelsPage, done: str | None) -> Html:
        """All below the heading. `done`: key of what the last press did."""
        parts = [
            f'<p class="state well" role="status">{self._say(done)}</p>' if done else "",
            self._champion(found.champion),
            *(self._candidate(one, found) for one in found.candidates),
            self._comparison(found),
            self._way_back(found) if found.reins else "",
            self._retrains(found.retrains),
        ]
        return Html("".join(parts))

    def trouble(self, reason: str) -> Html:
        """The reason is a fact, so in English only."""
        again = f'<p class="note"><a href="models">{self._say("models-title")}</a></p>'
        said = self._say("models-refused-plain", reason=Fact(reason))
        return Html(f'<p class="state bad" role="alert">{said}</p>{again}')

    def _champion(self, model: KnownModel | None) -> str:
        if model is None:
            return f'<p class="box note">{self._say("models-none")}</p>'
        since = day(model.version.promoted_at or model.version.created_at, self.moderator.language)
        head = self._head(model, self._say("models-answers", since=since))
        return f'<section class="box">{head}{self._made_of(model)}{self._judged(model)}</section>'

    def _candidate(self, model: KnownModel, found: ModelsPage) -> str:
        head = self._head(model, self._say("models-tried"))
        button = self._form(model.version.model_id, "promote", self._say("models-promote")) if found.reins else ""
        trial = self._trial(model, found.wanted)
        return f'<section class="box">{head}{trial}{self._made_of(model)}{self._judged(model)}{button}</section>'

    def _head(self, model: KnownModel, role: str) -> str:
        name = escape(model.version.model_id)
        numbers = model_numbers(model.version.manifest, self.moderator.language)
        return f'<div class="model-head"><h2>{name}</h2><p class="note">{role}</p></div><p>{numbers}</p>'

    def _trial(self, model: KnownModel, wanted: int) -> str:
        if model.trial is None:
            return ""
        trial, most = model.trial, max(wanted, model.trial.photos, 1)
        said = say_plain(
            self.moderator.language,
            "models-trial",
            progress=progress(trial.photos, wanted, self.moderator.language),
            same=Share(trial.same_answer / trial.photos) if trial.photos else "–",
        )
        judged = ""
        if trial.judged:
            right = {"candidate": trial.candidate_right, "champion": trial.champion_right}
            judged = f"<p>{self._say('models-judged', judged=trial.judged, **right)}</p>"
        bar = f'<progress class="rail" max="{most}" value="{trial.photos}">{escape(said)}</progress>'
        return f"{bar}<p>{escape(said)}</p>{judged}"

    def _made_of(self, model: KnownModel) -> str:
        claims, rule = (sum(getattr(one, name) for one in model.teachers) for name in ("claims", "by_rule"))
        if not claims:
            return f'<p class="note">{self._say("models-no-teachers")}</p>'
        counts = {"people": len(model.teachers), "by_people": claims - rule, "rule": rule}
        rows = "".join(f"<tr>{self._teacher(one)}</tr>" for one in model.teachers[:PEOPLE])
        return (
            f"<p>{self._say('models-teachers', count=claims, **counts)}</p>"
            f"<details><summary>{self._say('models-whose')}</summary>"
            f'<table class="rows numbers"><tbody>{rows}</tbody></table></details>'
        )

    def _teacher(self, one: Teacher) -> str:
        person = f'<a href="decisions?person={one.user_id}">{self._say("decided-person", person=str(one.user_id))}</a>'
        return f"<td>{person}</td><td>{one.claims}</td>"

    def _judged(self, model: KnownModel) -> str:
        if not model.checks:
            return ""
        rows = "".join(self._check(check) for check in model.checks)
        summary = self._say("models-judged-how")
        return f'<details><summary>{summary}</summary><ol class="checks">{rows}</ol></details>'

    def _check(self, check: Mapping[str, Any]) -> str:
        """The sentence is a fact, so in English only."""
        passed = bool(check.get("passed", True))
        mark, style = ("✓", "yes") if passed else ("✗", "no")
        name = escape(check_name(str(check.get("name")), self.moderator.language))
        sentence = escape(str(check.get("sentence") or ""))
        return f'<li><b class="{style}">{mark}</b><div><p>{name}</p><p class="note">{sentence}</p></div></li>'

    def _comparison(self, found: ModelsPage) -> str:
        """What each manifest states, side by side: of the same photos where they are of one kind."""
        shown = [one for one in (found.champion, *found.candidates, found.previous) if one is not None]
        if len(shown) < 2:
            return ""
        head = "".join(f"<th>{escape(one.version.model_id)}</th>" for one in shown)
        rows = "".join(self._compared(key, of, shown) for key, of in _COMPARED.items())
        breeds = "".join(f"<td>{_breeds(one)}</td>" for one in shown)
        rows += f"<tr><td>{self._say('models-m-breeds')}</td>{breeds}</tr>"
        measured = "".join(f"<td>{escape(_measured_on(one))}</td>" for one in shown)
        rows += f"<tr><td>{self._say('models-m-photos')}</td>{measured}</tr>"
        table = f'<table class="rows numbers"><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>'
        note = f'<p class="note">{self._say("models-apart")}</p>' if measured_apart(shown) else ""
        title = self._say("models-compare")
        return f'<section class="box"><h2>{title}</h2><div class="across-box">{table}</div>{note}</section>'

    def _compared(self, key: str, of: _Metric, shown: Sequence[KnownModel]) -> str:
        values = [of(one.version.manifest.get("metrics") or {}) for one in shown]
        cells = "".join(f"<td>{'–' if one is None else self._share(one)}</td>" for one in values)
        return f"<tr><td>{self._say(key)}</td>{cells}</tr>"

    def _way_back(self, found: ModelsPage) -> str:
        if found.champion is None or found.previous is None:
            return f'<p class="box note">{self._say("models-no-way-back")}</p>'
        going, back = found.champion.version.model_id, found.previous.version.model_id
        people = len({one.user_id for one in found.lesson})
        choices = ""
        if found.lesson:
            said = self._say("models-lesson", count=len(found.lesson), people=people, model=going, back=back)
            options = (("aside", "models-choose-aside"), ("keep", "models-choose-keep"))
            radios = "".join(
                f'<label><input type="radio" name="claims" value="{value}" required>{self._say(key)}</label>'
                for value, key in options
            )
            choices = f'<p>{said}</p><div class="choices">{radios}</div>'
        words = self._say("models-take-back", model=going, back=back)
        form = self._form(going, "roll-back", words, choices, style="danger")
        return f'<section class="box"><h2>{self._say("models-back-title")}</h2>{form}</section>'

    def _form(self, model: str, act: str, words: str, inner: str = "", style: str = "strong") -> str:
        return (
            f'<form method="post" action="models"><input type="hidden" name="csrf" value="{self.moderator.csrf}">'
            f'<input type="hidden" name="model" value="{escape(model)}">{inner}'
            f'<p class="acts"><button class="small-button {style}" name="act" value="{act}">{words}</button></p></form>'
        )

    def _retrains(self, retrains: Sequence[RetrainRecord]) -> str:
        rows = "".join(self._retrain(one) for one in retrains)
        table = f'<table class="rows"><tbody>{rows}</tbody></table>' if rows else self._say("dash-no-retrains")
        return f'<section class="box"><h2>{self._say("dash-retrains")}</h2>{table}</section>'

    def _retrain(self, one: RetrainRecord) -> str:
        when = escape(day(one.started_at, self.moderator.language))
        status = self._say(f"retrain-short-{one.status.replace('_', '-')}")
        said = [one.model_id or "", " ".join(_reasons(one))[:WHY]]
        model = "<br>".join(escape(part) for part in said if part)
        return f"<tr><td>{when}</td><td>{status}</td><td>{model}</td></tr>"

    def _share(self, value: float) -> str:
        return self._say("console-share", share=Share(value))

    def _say(self, key: str, **values: str | float) -> str:
        """Escaped."""
        return escape(say_plain(self.moderator.language, key, **values))


def _reasons(one: RetrainRecord) -> Iterator[str]:
    if one.error:
        yield one.error
        return
    for check in (one.verdict or {}).get("checks") or []:
        if not check.get("passed", True):
            yield str(check.get("sentence") or check.get("name"))


def _share_of(metrics: Mapping[str, Any], name: str) -> float | None:
    found = metrics.get(name)
    return float(found["value"]) if isinstance(found, Mapping) and "value" in found else None


def _breeds(model: KnownModel) -> int:
    return sum(label != NOT_A_DOG for label in model.version.manifest.get("labels") or ())


def _measured_on(model: KnownModel) -> str:
    metrics = model.version.manifest.get("metrics") or {}
    return f"{metrics.get('n', '–')} ({metrics.get('split', '–')})"
