"""Decisions as HTML, in one language. Pure; everything is escaped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from bot.console.cards import age, label_name
from bot.console.decided.query import FILTERS, Query
from bot.console.sessions import Moderator
from bot.texts import Html, Percent, day, say_plain
from core.claim import Decision, Verdict, answered_breed
from db.chat.chat_records import UserRecord
from db.learning.decisions import DecisionRecord
from db.learning.learning_records import ReviewCounts
from db.learning.reviews import MODERATOR

_WHO: Final = {
    "": "decided-who-all",
    "me": "decided-who-me",
    "people": "decided-who-people",
    "moderators": "decided-who-moderators",
    "machines": "decided-who-machines",
    "policy": "decided-who-policy",
    "cli": "decided-who-cli",
}
_WHAT: Final = {
    "": "decided-what-all",
    "standing": "decided-what-standing",
    "accepted": "decided-what-accepted",
    "rejected": "decided-what-rejected",
    "reopened": "decided-what-reopened",
    "set_aside": "decided-what-set-aside",
}
_IS: Final = {
    "": "decided-is-waiting",
    "accepted": "decided-is-accepted",
    "rejected": "decided-is-rejected",
    "reopened": "decided-is-reopened",
    "set_aside": "decided-is-set-aside",
}
_ACTS: Final = {"take-back": "decided-take-back", "set-aside": "decided-set-aside", "restore": "decided-restore"}
_SHOWN_WHO: Final = {"policy": "decided-by-policy", "gate": "decided-by-gate", "take-back": "decided-by-take-back"}


@dataclass(frozen=True, slots=True)
class Whose:
    """A person, and how their claims fared."""

    user: UserRecord
    counts: ReviewCounts


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page for one moderator. `now` is for "3 hours ago"."""

    query: Query
    moderator: Moderator
    now: datetime

    def body(
        self,
        found: Sequence[DecisionRecord],
        count: int,
        standing: int,
        whose: Whose | None,
        *,
        done: int | None,
        more: bool,
    ) -> Html:
        """All below the heading.

        Args:
            found: on this page.
            count: how many there are on all pages.
            standing: how many of them no later one replaced.
            whose: the person asked for.
            done: how many claims the last press changed.
            more: there is another page.
        """
        parts = [
            self._done(done),
            self._search(),
            self._person(whose),
            self._answers(),
            self._list(found, count, standing),
            self._older(found, more=more),
        ]
        return Html("".join(parts))

    def _done(self, done: int | None) -> str:
        if done is None:
            return ""
        return f'<p class="state well" role="status">{self._say("decided-done", count=done)}</p>'

    def _search(self) -> str:
        who, what = self._options(_WHO, self.query.who), self._options(_WHAT, self.query.what)
        if self.query.who not in _WHO:
            who += (
                f'<option selected value="{escape(self.query.who)}">{escape(self._reviewer(self.query.who))}</option>'
            )
        kept = self._hidden("person", "answered", "model", "said")
        return (
            f'<form class="filters box" method="get">{kept}'
            f'<label>{self._say("decided-who")}<select name="who">{who}</select></label>'
            f'<label>{self._say("decided-what")}<select name="what">{what}</select></label>'
            f'<label>{self._say("decided-day")}<input type="date" name="day" value="{escape(self.query.day)}"></label>'
            f'<label class="wide-field">{self._say("decided-find")}<input type="search" name="find" maxlength="60" '
            f'value="{escape(self.query.find)}" placeholder="{self._say("decided-find-hint")}"></label>'
            f'<button class="small-button">{self._say("decided-show")}</button></form>'
        )

    def _options(self, words: Mapping[str, str], chosen: str) -> str:
        return "".join(
            f'<option value="{value}"{" selected" if value == chosen else ""}>{self._say(key)}</option>'
            for value, key in words.items()
        )

    def _person(self, whose: Whose | None) -> str:
        if whose is None:
            return ""
        counts = whose.counts
        fared = self._say(
            "decided-fared", accepted=counts.accepted, rejected=counts.rejected, policy=counts.policy_accepted,
            aside=counts.set_aside,
        )  # fmt: skip
        since = self._say("decided-since", day=day(whose.user.created_at, self.moderator.language))
        banned = f" · {self._say('decided-banned')}" if whose.user.banned_at is not None else ""
        back = f'<a href="{escape(self.query.address(person=0, before=0))}">{self._say("decided-everybody")}</a>'
        return (
            f'<section class="box person"><h2>{self._say("decided-person", person=str(whose.user.id))}</h2>'
            f'<p>{fared}</p><p class="note">{since}{banned} · '
            f"{self._say('decided-ban', person=str(whose.user.id))} · {back}</p></section>"
        )

    def _answers(self) -> str:
        """Which answers are looked at, and whether everything that was said of them: what the dashboard has counted."""
        query = self.query
        if not (query.answered or query.model or query.said):
            return ""
        breed = label_name(query.answered, self.moderator.language) if query.answered else ""
        what = " · ".join(one for one in (breed, query.model) if one)
        everything = query.address(answered="", model="", said=0, before=0)
        notes = [
            self._say("decided-said-lately") if query.said else "",
            self._say("decided-answers", what=what) if what else "",
            f'<a href="{escape(everything)}">{self._say("decided-all-answers")}</a>',
        ]
        return f'<p class="box note">{" · ".join(filter(None, notes))}</p>'

    def _list(self, found: Sequence[DecisionRecord], count: int, standing: int) -> str:
        if not found:
            return f'<p class="box note">{self._say("decided-none")}</p>'
        rows = "".join(f"<li>{self._row(one)}</li>" for one in found)
        hidden = self._hidden(*FILTERS)
        return (
            f'<form method="post" class="box"><input type="hidden" name="csrf" value="{self.moderator.csrf}">{hidden}'
            f'<div class="list-top"><h2>{self._say(self._counted(), count=count)}</h2>'
            f'<label class="tick"><input type="checkbox" data-ticks="event">{self._say("decided-tick")}</label></div>'
            f'<ol class="decided">{rows}</ol>{self._acts(standing)}</form>'
        )

    def _hidden(self, *names: str) -> str:
        return "".join(
            f'<input type="hidden" name="{name}" value="{escape(str(value))}">'
            for name in names
            if (value := getattr(self.query, name))
        )

    def _counted(self) -> str:
        return "decided-opinions" if self.query.said else "decided-count"

    def _acts(self, standing: int) -> str:
        """Of the ticked ones, or of all that the filters find: who accepted everything blindly is undone at once.

        Not of all where some were never decided.
        """
        buttons = "".join(
            f'<button class="small-button" name="act" value="{act}">{self._say(key)}</button>'
            for act, key in _ACTS.items()
        )
        everything = (
            f'<label class="tick all"><input type="checkbox" name="all" value="1">'
            f"{self._say('decided-all', count=standing)}</label>"
        )
        return (
            f'<div class="acts">{"" if self.query.said else everything}{buttons}</div>'
            f'<p class="note">{self._say("decided-note")}</p>'
        )

    def _row(self, one: DecisionRecord) -> str:
        language = self.moderator.language
        said = label_name(one.claimed, language) if one.claimed else f"“{one.suggestion or '…'}”"
        key = "decided-agreed" if one.verdict is Verdict.CONFIRM else "decided-said"
        tick = f'<input type="checkbox" name="event" value="{one.event_id}" aria-label="#{one.event_id}">'
        photo = f'<img src="photos/{one.event_id}" alt="" loading="lazy" width="72" height="72">'
        return (
            f"{tick if one.stands and one.decision not in {None, Decision.REOPENED} else '<i></i>'}{photo}"
            f'<div><p class="what {(one.decision or "waiting").replace("_", "-")}{"" if one.stands else " over"}">'
            f"<b>{self._decision(one)}</b> {escape(' · '.join(self._facts(one)))}</p>"
            f"<p>{self._say(key, breed=said)}{self._answered(one)}</p>"
            f'<p class="note">{self._reason(one)}<a href="{escape(self.query.address(person=one.user_id, before=0))}">'
            f"{self._say('decided-person', person=str(one.user_id))}</a>{self._by(one.reviewer)}"
            f" · #{one.event_id}</p></div>"
        )

    def _decision(self, one: DecisionRecord) -> str:
        if one.decision is Decision.ACCEPTED and one.reviewed_breed not in {None, one.claimed}:
            name = label_name(one.reviewed_breed or "", self.moderator.language)
            return self._say("decided-as", breed=name)
        return self._say(_IS[one.decision or ""])

    def _facts(self, one: DecisionRecord) -> Iterator[str]:
        yield age(one.created_at, self.moderator.language, self.now)
        if one.dog:
            yield self._said("decided-dog", number=one.dog + 1)
        if not one.stands:
            yield self._said("decided-over")

    def _answered(self, one: DecisionRecord) -> str:
        label = answered_breed(one.kind, one.top)
        if label is None or one.verdict is Verdict.CONFIRM:
            return ""
        share = Percent(one.top[0].confidence if one.top and label == one.top[0].breed else one.not_a_dog)
        name = label_name(label, self.moderator.language)
        return f" · {self._say('decided-answered', breed=name, share=share)}"

    def _reason(self, one: DecisionRecord) -> str:
        """Facts, in English only."""
        return f"<span>{escape(one.reason)}</span><br>" if one.reason else ""

    def _by(self, reviewer: str | None) -> str:
        if reviewer is None:
            return ""
        theirs = escape(self.query.address(who=reviewer, before=0))
        return f' · <a href="{theirs}">{escape(self._reviewer(reviewer))}</a>'

    def _reviewer(self, reviewer: str) -> str:
        if reviewer == self.moderator.reviewer:
            return self._said("decided-by-you")
        if reviewer.startswith(MODERATOR):
            return self._said("decided-by-moderator", who=reviewer.removeprefix(MODERATOR))
        return self._said(_SHOWN_WHO.get(reviewer, "decided-by-operator"))

    def _older(self, found: Sequence[DecisionRecord], *, more: bool) -> str:
        links = []
        if self.query.before:
            links.append(f'<a href="{escape(self.query.address(before=0))}">{self._say("decided-newest")}</a>')
        if more:
            older = self.query.address(before=found[-1].place)
            links.append(f'<a href="{escape(older)}">{self._say("decided-older")}</a>')
        return f'<nav class="turn">{"".join(links)}</nav>' if links else ""

    def _say(self, key: str, **values: str | float) -> str:
        """Escaped."""
        return escape(self._said(key, **values))

    def _said(self, key: str, **values: str | float) -> str:
        return say_plain(self.moderator.language, key, **values)
