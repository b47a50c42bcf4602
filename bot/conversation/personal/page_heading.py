"""A heading, and which page it heads."""

from bot.texts import Html, say


def page_heading(heading: Html, page: int, pages: int, language: str) -> Html:
    """Pages count from 0; a single one is not worth a word."""
    return heading if pages <= 1 else say(language, "page-of", heading=heading, page=page + 1, pages=pages)
