"""A day as people read it."""

from datetime import datetime

from babel.dates import format_date

from bot.texts import pick


def day(moment: datetime, language: str) -> str:
    """``Nov 23, 2026``; the day is UTC's."""
    return format_date(moment, "medium", locale=pick(language, None))
