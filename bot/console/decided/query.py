"""What the address of the page asks for. Whatever cannot be meant is left out: an address is nobody's fault."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Final, Self
from urllib.parse import urlencode

from bot.conversation.breeds.search import BreedSearch
from bot.conversation.moderation.moderators import reviewer_of
from core.breeds.catalogue import NOT_A_DOG, catalogue
from core.claim import Decision
from db.learning.claim_status import GATE
from db.learning.decisions import By, DecisionFilter
from training.learning.promotion.way_back import BY_ITSELF
from training.learning.trust.policy import POLICY

INT64: Final = 2**63
WHO: Final = frozenset({"", "me", *By, POLICY, GATE, BY_ITSELF, "cli"})
FILTERS: Final = ("who", "what", "find", "person", "answered", "model", "said", "day")
"""Fields that narrow what is shown."""
_MODERATOR: Final = re.compile(r"moderator:(forgotten|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """As it stands in the address; empty is everything.

    Attributes:
        who: one of `WHO`, or a reviewer such as ``moderator:12``.
        what: a decision, or ``standing``: whatever it is, if no later one replaced it.
        find: a breed's name, or ``#17``, a claim.
        person: whose claims.
        answered: what was answered, a label; `model`: by which model.
        said: from this claim on everything that was said, decided or not. Numbers of the dashboard lead here.
        day: when it was decided, a day of UTC.
        before: the page after this review.
    """

    who: str = ""
    what: str = ""
    find: str = ""
    person: int = 0
    answered: str = ""
    model: str = ""
    said: int = 0
    day: str = ""
    before: int = 0

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Self:
        """Of an address, or of a form."""
        who, what = asked.get("who", ""), asked.get("what", "")
        return cls(
            who=who if who in WHO or _MODERATOR.fullmatch(who) else "",
            what=what if what in {"standing", *Decision} else "",
            find=asked.get("find", "").strip()[:60],
            person=number(asked.get("person", "")),
            answered=label if (label := asked.get("answered", "")) in catalogue() or label == NOT_A_DOG else "",
            model=asked.get("model", "")[:60],
            said=number(asked.get("said", "")),
            day=day if (day := asked.get("day", "")) and _day(day) else "",
            before=number(asked.get("before", "")),
        )

    def address(self, **changed: str | int) -> str:
        """``?who=me&day=2026-11-23``."""
        values = {name: changed.get(name, getattr(self, name)) for name in (*FILTERS, "before")}
        return "?" + urlencode({name: value for name, value in values.items() if value})

    def wanted(self, search: BreedSearch, moderator_id: int, language: str) -> DecisionFilter:
        """What to ask the database for."""
        reviewer = reviewer_of(moderator_id) if self.who == "me" else self.who
        day = _day(self.day) if self.day else None
        return DecisionFilter(
            by=By(self.who) if self.who in set(By) else None,
            reviewer=reviewer if reviewer and reviewer not in set(By) else None,
            decision=Decision(self.what) if self.what in set(Decision) else None,
            label=_label(self.find, search, language) if self.find and not self.find.startswith("#") else None,
            user_id=self.person or None,
            answered=self.answered or None,
            model_id=self.model or None,
            event_id=number(self.find[1:]) if self.find.startswith("#") else None,
            since=day,
            until=day + timedelta(days=1) if day is not None else None,
            standing=self.what == "standing",
            said_from=self.said or None,
        )


def number(typed: str) -> int:
    """An id; 0 if it cannot be one."""
    digits = typed.isascii() and typed.isdecimal() and len(typed) < 20
    return int(typed) if digits and int(typed) < INT64 else 0


def _day(typed: str) -> datetime | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC) if day.year < MAXYEAR else None


def _label(typed: str, search: BreedSearch, language: str) -> str:
    """The label that is meant; what is none finds nothing."""
    if typed in catalogue() or typed == NOT_A_DOG:
        return typed
    found = search.find(typed, language, 1)
    return found[0].slug if found else "no such breed"
