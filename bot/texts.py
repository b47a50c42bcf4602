"""Sentences in the reader's language, from gettext catalogues: one file of bot/locales is one language.

Message ids are symbolic (``answer-breed``), so English is a translation like any other, and the one fallen back to.
A gap or a slip in a catalogue costs a log line, never an answer.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from html import escape
from math import ceil
from pathlib import Path
from typing import Self

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.support import Translations
from babel.units import format_unit

from bot.sentences import ENGLISH, read_translations
from core.prediction import sayable

LOCALES = Path(__file__).parent / "locales"
IN_WORDS = timedelta(days=30)
LIMIT_VALUE, LIMIT_FACT = 200, 260  # characters shown of what is from outside: no message outgrows Telegram's 4096

_log = logging.getLogger(__name__)


class Html(str):
    """Text that is already right for parse_mode HTML and is not escaped again."""

    __slots__ = ()


class Fact(str):
    """A sentence from outside, such as the gate's: it may be longer than a name."""

    __slots__ = ()


class Percent(float):
    """A share 0–1, shown as a percentage; never as 0 % or 100 %, which would claim more than a model can know."""

    __slots__ = ()


class Share(float):
    """A share 0–1 that was counted or measured, shown with a tenth; 0 % and 100 % are possible."""

    __slots__ = ()


class Texts:
    """The catalogues of all languages. Attributes: their codes, such as ``("de", "en", "fr")``."""

    def __init__(self, catalogues: Mapping[str, Translations]) -> None:
        self.languages = tuple(catalogues)
        self._catalogues = catalogues
        self._reported: set[tuple[str, str]] = set()

    @classmethod
    @cache
    def load(cls, folder: Path = LOCALES) -> Self:
        """Read every ``<language>.po`` of a folder, once."""
        return cls(read_translations(folder))

    def fill(
        self, language: str, key: str, values: Mapping[str, str | float], show: Callable[[str | float, str], str]
    ) -> str:
        """The sentence, its values as `show` shows them in a language; ``count`` chooses the plural form."""
        count: object = values.get("count")
        for code in dict.fromkeys((language, ENGLISH)):
            translations, template = self._catalogues.get(code), key
            if translations is not None and isinstance(count, int):
                template = translations.ngettext(key, key, count)
            elif translations is not None:
                template = translations.gettext(key)
            if template == key:
                self._report(code, key, "is missing")
                continue
            try:
                return template.format_map({name: show(value, code) for name, value in values.items()})
            except (LookupError, ValueError, AttributeError, TypeError) as error:
                self._report(code, key, f"cannot be filled from {sorted(values)}: {error!r}")
        return key

    def _report(self, language: str, key: str, problem: str) -> None:
        if (language, key) not in self._reported:
            self._reported.add((language, key))
            _log.error("text %r in %r %s", key, language, problem)


def say(language: str, key: str, /, **values: str | float) -> Html:
    """A sentence as Telegram HTML: ``say("fr", "answer-breed", breed="Beagle", confidence=Percent(0.97))``."""
    return Html(Texts.load().fill(language, key, values, as_html))


def say_plain(language: str, key: str, /, **values: str | float) -> str:
    """A sentence without markup, for what takes none: buttons, toasts, command descriptions."""
    return Texts.load().fill(language, key, values, _shown)


def languages() -> tuple[str, ...]:
    """Codes of the shipped languages."""
    return Texts.load().languages


def pick(chosen: str | None, telegram_code: str | None, fallback: str = ENGLISH, *, among: Texts | None = None) -> str:
    """The language to answer in: the user's choice, else their app's (``fr-CA`` → ``fr``), else the operator's.

    ``among``: those that there are; None: the shipped ones.
    """
    wishes = [wish.replace("-", "_").split("_") for wish in (chosen, telegram_code, fallback) if wish]
    offers = {code.lower(): code for code in (among or Texts.load()).languages}
    for parts in wishes:
        for wish in ("_".join(parts).lower(), parts[0].lower()):
            if wish in offers:
                return offers[wish]
    return ENGLISH


def day(moment: datetime, language: str) -> str:
    """A day as people read it, ``Nov 23, 2026``; it is UTC's."""
    return format_date(moment, "medium", locale=pick(language, None))


def ago(moment: datetime, now: datetime, language: str) -> str:
    """``5 minutes ago``, ``il y a 3 jours``: the same wherever somebody lives. From a month on, the day."""
    passed = max(now - moment, timedelta(minutes=1))
    if passed > IN_WORDS:
        return day(moment, language)
    return format_timedelta(-passed, granularity="minute", add_direction=True, locale=pick(language, None))


def duration(wait_s: float, language: str) -> Html:
    """Rounded up, since a wait that ends early disappoints nobody: ``5 sec``, ``20 sec``, ``3 min``."""
    seconds = max(1, ceil(wait_s))
    if seconds > 10:
        seconds = ceil(seconds / 10) * 10
    amount, unit = (seconds, "second") if seconds < 90 else (ceil(seconds / 60), "minute")
    return Html(format_unit(amount, unit, length="short", locale=pick(language, None)))


def shortened(text: str, limit: int) -> str:
    """A long label is cut."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def page_heading(heading: Html, page: int, pages: int, language: str) -> Html:
    """A heading, and which page it heads. Pages count from 0; a single one is not worth a word."""
    return heading if pages <= 1 else say(language, "page-of", heading=heading, page=page + 1, pages=pages)


def percentage(value: float, language: str, *, tenths: bool = False) -> str:
    """``97%``, ``97,4 %``: the one place where shares are rounded, half a percent to the even one."""
    if tenths:
        return format_percent(round(value, 3), locale=language, decimal_quantization=False)
    return format_percent(value, locale=language)


def as_html(value: str | float, language: str) -> str:
    """A value as it stands in a sentence with markup."""
    return value if isinstance(value, Html) else escape(_shown(value, language), quote=False)


def _shown(value: str | float, language: str) -> str:
    if isinstance(value, Html):
        return value
    if isinstance(value, str):
        # One line without control characters, text direction overrides or lone surrogates.
        short = shortened(value, LIMIT_FACT if isinstance(value, Fact) else LIMIT_VALUE)
        visible = "".join(character if character.isprintable() else " " for character in short)
        return " ".join(visible.split())
    if isinstance(value, Percent):
        return percentage(sayable(value), language)
    if isinstance(value, Share):
        return percentage(value, language, tenths=True)
    return format_decimal(value, "#,##0.#", locale=language)


def native_name(code: str) -> str:
    """A language as it is written in its own sentences: ``English``, ``français``."""
    return Locale.parse(code).get_display_name(code) or code
