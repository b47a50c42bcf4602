"""The dashboard's numbers as HTML, in one language. Pure: no script, no style of its own, everything escaped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from html import escape
from typing import Final
from urllib.parse import urlencode

from bot.console.cards import label_name
from bot.console.dashboard import amounts
from bot.console.dashboard.charts import (
    Axis,
    Series,
    band,
    bars,
    legend,
    lines,
    nice_top,
    over,
    plot,
    share_bar,
    ticks,
)
from bot.console.dashboard.numbers import FAILED, KINDS, Bar, Overview, Span, WrongShare
from bot.console.dashboard.process_numbers import Vitals
from bot.texts import Html, say_plain
from core.prediction import Kind
from db.admin.waiting import StageStatus
from db.learning.learning_records import RetrainRecord

BREEDS: Final = 8
WHY_LENGTH: Final = 120

_WORD_EVERY: Final = {Span.DAY: 6, Span.WEEK: 4, Span.MONTH: 6}  # bars; they go into the number of bars

_SMALL: Final = ("dash-model-chart", "dash-retrains", "dash-stages")  # boxes that stand on each other

_SPAN_WORDS: Final = {Span.DAY: "dash-day", Span.WEEK: "dash-week", Span.MONTH: "dash-month"}
_KIND_WORDS: Final = {
    Kind.BREED.value: "dash-kind-breed",
    Kind.UNSURE.value: "dash-kind-unsure",
    Kind.NOT_A_DOG.value: "dash-kind-not-a-dog",
    FAILED: "dash-kind-failed",
}
_STAGE_WORDS: Final = {
    "inbox": "dash-stage-inbox",
    "jobs": "dash-stage-jobs",
    "albums": "dash-stage-albums",
    "outbox": "dash-stage-outbox",
    "thanks": "dash-stage-thanks",
    "notices": "dash-stage-notices",
}
_STEP_WORDS: Final = {
    "download": "dash-step-download",
    "queue": "dash-step-queue",
    "decode": "dash-step-decode",
    "infer": "dash-step-infer",
    "send": "dash-step-send",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page in one language: parts of HTML."""

    view: Overview
    span: Span
    zone: tzinfo  # whose times are shown
    language: str

    def spans(self) -> Html:
        links = (
            f'<a href="?span={span.name.lower()}"{_here(span is self.span)}>{self._say(words)}</a>'
            for span, words in _SPAN_WORDS.items()
        )
        return Html("".join(links))

    def state(self, troubles: list[str]) -> Html:
        if not troubles:
            return Html(f'<p class="state well">{self._say("dash-well")}</p>')
        return Html("".join(f'<p class="state bad" role="alert">{escape(trouble)}</p>' for trouble in troubles))

    def tiles(self) -> Html:
        view, language = self.view, self.language
        photos = sum(bar.photos for bar in view.bars)
        tiles = [
            self._tile("dash-photos", amounts.number(photos, language), self._say(_SPAN_WORDS[self.span])),
            self._tile(
                "dash-time",
                amounts.duration(view.p50_s, language),
                self._say("dash-time-note", time=amounts.duration(view.p95_s, language)),
            ),
            self._tile("dash-sure", amounts.share(view.sure, language), self._drift()),
            self._tile("dash-wrong", *self._opinions(), self._said_of()),
            self._tile("dash-line", amounts.number(view.queued, language), self._line()),
            self._tile("dash-review", self._to_review(), self._say("dash-review-note"), "./"),
        ]
        return Html("".join(tiles))

    def boxes(self, vitals: Vitals | None) -> Html:
        """Charts and tables; what has nothing to show yet is one line, after the others."""
        view = self.view
        answered = any(bar.p50_s is not None for bar in view.bars)
        models, breeds = ([one for one in shares if one.tells] for shares in (view.models, view.breeds))
        boxes: list[tuple[str, Html | None, str]] = [
            ("dash-photos-chart", self._photos() if any(bar.photos for bar in view.bars) else None, "dash-no-photos"),
            ("dash-time-chart", self._times() if answered else None, "dash-no-photos"),
            ("dash-sure-chart", self._sure() if any(bar.sure for bar in view.bars) else None, "dash-no-photos"),
            ("dash-breed-chart", self._breeds(breeds[:BREEDS]) if breeds else None, "dash-no-opinions"),
            ("dash-model-chart", self._models(models) if models else None, "dash-no-opinions"),
            ("dash-retrains", self._retrains() if view.retrains else None, "dash-no-retrains"),
            ("dash-stages", self._waiting() if any(map(_matters, view.stages)) else None, "dash-line-empty"),
        ]
        if vitals is not None:
            boxes.append(("dash-process", self._process(vitals), ""))
        sections = {
            title: f'<section class="box"><h2>{self._say(title)}</h2>{shown}</section>'
            for title, shown, _ in boxes
            if shown
        }
        small = "".join(sections.pop(title, "") for title in _SMALL)
        empty = "".join(
            f"<div><dt>{self._say(title)}</dt><dd>{self._say(why)}</dd></div>"
            for title, shown, why in boxes
            if not shown
        )
        if empty:
            small += f'<dl class="box facts-list nothing">{empty}</dl>'
        return Html(f'<div class="charts">{"".join(sections.values())}<div class="stack">{small}</div></div>')

    def foot(self) -> str:
        return self._said("dash-foot", zone=str(self.zone).replace("_", " "))

    def _photos(self) -> Html:
        kinds = [self._kind(kind) for kind in KINDS]
        top = nice_top(max((sum(bar.kinds.values()) for bar in self.view.bars), default=0), whole=True)
        axis = Axis(top, [amounts.number(value, self.language) for value in ticks(top)])
        drawing = bars(
            kinds,
            top,
            [
                self._tip(
                    bar,
                    [(self._said("dash-photos"), amounts.number(bar.photos, self.language))]
                    + [
                        (row.name, amounts.number(row.values[place] or 0, self.language))
                        for row in kinds
                        if row.values[place]
                    ],
                )
                for place, bar in enumerate(self.view.bars)
            ],
        )
        return Html(plot(drawing, axis, self._along(), self._said("dash-photos-chart")) + legend(kinds))

    def _times(self) -> Html:
        rows = [
            Series(self._said("dash-p95"), "s2", [bar.p95_s for bar in self.view.bars]),
            Series(self._said("dash-p50"), "s1", [bar.p50_s for bar in self.view.bars]),
        ]
        top = nice_top(max((value for row in rows for value in row.values if value is not None), default=1.0))
        axis = Axis(top, [amounts.duration(value, self.language) if value else "0" for value in ticks(top)])
        tips = [
            self._tip(
                bar,
                [
                    (self._said("dash-p50"), amounts.duration(bar.p50_s, self.language)),
                    (self._said("dash-p95"), amounts.duration(bar.p95_s, self.language)),
                ],
            )
            for bar in self.view.bars
        ]
        return Html(plot(lines(rows, top, tips), axis, self._along(), self._said("dash-time-chart")) + legend(rows))

    def _sure(self) -> Html:
        low, mean, high = (
            Series(self._said(words), style, [bar.sure[place] if bar.sure else None for bar in self.view.bars])
            for place, (words, style) in enumerate((("dash-band", "s1"), ("dash-mean", "s1"), ("dash-band", "s1")))
        )
        drawing = lines([mean], 1.0, [self._sure_tip(bar) for bar in self.view.bars], marks=self._promotions())
        axis = Axis(1.0, [amounts.share(value, self.language) for value in ticks(1.0)])
        rows = [mean, Series(self._said("dash-band"), "band-key", [])]
        if self._promotions():
            rows.append(Series(self._said("dash-promoted"), "mark-key", []))
        shown = over(band(low, high, 1.0), drawing)
        return Html(plot(shown, axis, self._along(), self._said("dash-sure-chart")) + legend(rows))

    def _models(self, shares: Sequence[WrongShare]) -> Html:
        return self._shares((one.name, self._said_of(model=one.name), one) for one in shares)

    def _breeds(self, shares: Sequence[WrongShare]) -> Html:
        return self._shares(
            (label_name(one.name, self.language), self._said_of(answered=one.name), one) for one in shares
        )

    def _retrains(self) -> Html:
        return Html(f'<table class="rows"><tbody>{"".join(map(self._retrain, self.view.retrains))}</tbody></table>')

    def _waiting(self) -> Html:
        names = {name: self._say(words) for name, words in _STAGE_WORDS.items()}
        rows = "".join(self._stage(names[one.stage], one) for one in self.view.stages)
        head = f"<th></th><th>{self._say('dash-stage-waits')}</th><th>{self._say('dash-stage-failed')}</th>"
        return Html(f'<table class="rows numbers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>')

    def _process(self, vitals: Vitals) -> Html:
        language = self.language
        head = f"<th></th><th>{self._say('dash-p50')}</th><th>{self._say('dash-p95')}</th>"
        steps = "".join(
            f"<tr><td>{self._say(_STEP_WORDS[step.name])}</td><td>{escape(amounts.duration(step.p50_s, language))}</td>"
            f"<td>{escape(amounts.duration(step.p95_s, language))}</td></tr>"
            for step in vitals.steps
        )
        facts = {
            "dash-batch": amounts.share(vitals.batch_fill, language),
            "dash-waits": amounts.number(vitals.limiter_waits, language),
            "dash-disk": amounts.size(vitals.disk_free_bytes, language),
            "dash-memory": amounts.size(vitals.memory_bytes, language),
            "dash-up": amounts.NOTHING if vitals.up_s is None else amounts.long_ago(vitals.up_s, language),
        }
        rows = "".join(f"<div><dt>{self._say(key)}</dt><dd>{escape(value)}</dd></div>" for key, value in facts.items())
        return Html(
            f'<table class="rows numbers"><thead><tr>{head}</tr></thead><tbody>{steps}</tbody></table>'
            f'<dl class="facts-list">{rows}</dl>'
        )

    def _stage(self, name: str, one: StageStatus) -> str:
        waits, failed = (escape(amounts.number(count, self.language)) for count in (one.waiting, one.failed))
        row = f"<tr><td>{name}</td><td>{waits}</td><td>{failed}</td></tr>"
        if one.error is None or one.next_try_at is None:
            return row
        when = amounts.day_and_hour(one.next_try_at, self.zone, self.language)
        why = self._say("dash-stage-why", when=when, why=one.error[:WHY_LENGTH])
        return f'{row}<tr><td colspan="3" class="note">{why}</td></tr>'

    def _shares(self, shares: Iterable[tuple[str, str, WrongShare]]) -> Html:
        rows = (self._share(name, photos, one) for name, photos, one in shares)
        return Html(f'<ol class="shares">{"".join(rows)}</ol>')

    def _share(self, name: str, photos: str, one: WrongShare) -> str:
        percent = escape(amounts.share(one.share, self.language))
        of = self._say("dash-of", wrong=one.wrong, said=one.said)
        bar = share_bar(one.share, one.interval)
        return f'<li><a href="{escape(photos)}">{escape(name)}</a><b>{percent}</b><small>{of}</small>{bar}</li>'

    def _retrain(self, one: RetrainRecord) -> str:
        status = self._say(f"retrain-short-{one.status.replace('_', '-')}")
        when, model = escape(amounts.day_and_hour(one.started_at, self.zone, self.language)), escape(one.model_id or "")
        return f"<tr><td>{when}</td><td>{status}</td><td>{model}</td></tr>"

    def _tile(self, words: str, value: str, note: str, photos: str = "") -> str:
        """`photos`: where those are that were counted."""
        head, value = self._say(words), escape(value)
        shown = f'<a href="{escape(photos)}">{value}</a>' if photos else value
        return f'<li><p class="eyebrow">{head}</p><p class="value">{shown}</p><p class="note">{note}</p></li>'

    def _drift(self) -> str:
        if self.view.drift is None:
            return self._say("dash-no-drift")
        return self._say("dash-drift", points=amounts.points(self.view.drift, self.language))

    def _opinions(self) -> tuple[str, str]:
        if self.view.opinions is None or not self.view.opinions.tells:
            return amounts.NOTHING, self._say("dash-no-opinions")
        return (
            amounts.share(self.view.opinions.share, self.language),
            self._say("dash-wrong-note", count=self.view.opinions.said),
        )

    def _said_of(self, **answers: str) -> str:
        """The page of just the opinions that a share is taken of, decided or not, with their photos."""
        return f"decisions?{urlencode({**answers, 'said': self.view.said_from})}"

    def _line(self) -> str:
        if not self.view.queued:
            return self._say("dash-line-empty")
        return self._say("dash-line-note", time=amounts.duration(self.view.oldest_s, self.language))

    def _to_review(self) -> str:
        return amounts.number(self.view.to_review, self.language) + ("+" if self.view.to_review_more else "")

    def _kind(self, kind: str) -> Series:
        style = kind.replace("_", "-")
        return Series(self._said(_KIND_WORDS[kind]), f"k-{style}", [bar.kinds[kind] for bar in self.view.bars])

    def _along(self) -> list[str]:
        word = {Span.DAY: amounts.hour, Span.WEEK: amounts.weekday, Span.MONTH: amounts.day}[self.span]
        return [word(bar.start, self.zone, self.language) for bar in self.view.bars[:: _WORD_EVERY[self.span]]]

    def _tip(self, bar: Bar, values: Iterable[tuple[str, str]]) -> str:
        """A line for the time, and one for each name and value."""
        when = amounts.day if self.span is Span.MONTH else amounts.day_and_hour
        return "\n".join([when(bar.start, self.zone, self.language), *(f"{name}: {value}" for name, value in values)])

    def _sure_tip(self, bar: Bar) -> str:
        low, mean, high = (amounts.share(value, self.language) for value in bar.sure or (None, None, None))
        return self._tip(bar, [(self._said("dash-mean"), mean), (self._said("dash-band"), f"{low}–{high}")])

    def _promotions(self) -> list[float]:
        """Where along the time models took over."""
        begin, (count, step) = self.view.bars[0].start, self.span.value
        times = (one.promoted_at for one in self.view.promoted)
        return [(moment - begin) / (count * step) for moment in times if moment is not None]

    def _say(self, key: str, **values: str | float) -> str:
        """Escaped."""
        return escape(self._said(key, **values))

    def _said(self, key: str, **values: str | float) -> str:
        return say_plain(self.language, key, **values)


def _here(here: bool) -> str:
    return ' aria-current="page"' if here else ""


def _matters(stage: StageStatus) -> bool:
    return bool(stage.waiting or stage.failed)
