"""Amounts as people read them, in their language: durations, sizes, shares, moments."""

from datetime import datetime, timedelta, tzinfo
from math import isnan

from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit

from bot.texts import percentage

NOTHING = "–"


def duration(seconds: float | None, language: str) -> str:
    """``820 ms``, ``1.4 s``, ``3 min``, ``2 h``."""
    if seconds is None or isnan(seconds):
        return NOTHING
    if seconds < 0.9995:
        return format_unit(round(seconds * 1000), "duration-millisecond", "short", locale=language)
    if seconds < 100:
        digits = "0.#" if seconds < 10 else "0"
        return format_unit(seconds, "duration-second", "short", format=digits, locale=language)
    unit, length = ("duration-minute", 60) if seconds < 7200 else ("duration-hour", 3600)
    return format_unit(round(seconds / length), unit, "short", locale=language)


def size(count_bytes: float | None, language: str) -> str:
    """``812 MB``, ``12.4 GB``."""
    if count_bytes is None:
        return NOTHING
    big = count_bytes >= 10**9
    amount = count_bytes / (10**9 if big else 10**6)
    unit = "digital-gigabyte" if big else "digital-megabyte"
    return format_unit(amount, unit, "short", format="#,##0.#" if amount < 100 else "#,##0", locale=language)


def share(value: float | None, language: str) -> str:
    """``34%``; of what was counted, so 0 % and 100 % are possible."""
    return NOTHING if value is None else percentage(value, language)


def number(value: float, language: str) -> str:
    """``12,340``."""
    return format_decimal(round(value), locale=language)


def points(value: float, language: str) -> str:
    """A difference of two shares, with its sign: ``+1.2``."""
    return f"{'+' if value >= 0 else '−'}{format_decimal(abs(value) * 100, '0.0', locale=language)}"


def long_ago(seconds: float, language: str) -> str:
    """``3 hours``."""
    return format_timedelta(timedelta(seconds=seconds), locale=language)


def hour(moment: datetime, zone: tzinfo, language: str) -> str:
    """``14:00``."""
    return format_datetime(moment.astimezone(zone), "HH:mm", locale=language)


def day(moment: datetime, zone: tzinfo, language: str) -> str:
    """``Nov 23``, ``23. Nov.``."""
    return format_skeleton("MMMd", moment.astimezone(zone), locale=language)


def weekday(moment: datetime, zone: tzinfo, language: str) -> str:
    """``Mon``."""
    return format_date(moment.astimezone(zone), "EEE", locale=language)


def day_and_hour(moment: datetime, zone: tzinfo, language: str) -> str:
    """``Mon, Nov 23, 14:00``."""
    return f"{format_skeleton('MMMEd', moment.astimezone(zone), locale=language)}, {hour(moment, zone, language)}"
