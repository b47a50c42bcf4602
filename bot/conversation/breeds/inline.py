"""Inline mode: the name of a breed, typed in any chat behind the bot's.

https://core.telegram.org/bots/api#inline-mode. Nothing of it is kept: the query goes when it is answered, and who never
wrote to us stays unknown.
"""

import logging
from functools import partial

from telegram import InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent
from telegram.constants import ParseMode

from bot.conversation.breeds.inline_view import InlineResult, inline_door, inline_results, popular_breeds
from bot.conversation.context import Context
from bot.errors import Later, Refused
from bot.telegram.update import ChatUpdate

RESULTS = 20  # at most 50 are allowed; a list that is longer than a screen is not read
CACHE_S = 300
QUERY_LIMIT = 100

log = logging.getLogger(__name__)


async def inline(update: ChatUpdate, context: Context) -> None:
    """Answer at once or not at all: with the next letter comes the next query."""
    query = update.inline
    if query is None:
        return
    asked = " ".join(query.query.split())[:QUERY_LIMIT]
    found = context.search.find(asked, update.language, RESULTS) if asked else popular_breeds()
    door = inline_door(bool(found), update.language)
    answer = partial(
        context.bot.answer_inline_query,
        query.id,
        [_article(result) for result in inline_results(found, update.language)],
        cache_time=CACHE_S,
        is_personal=True,  # results speak the language of who asks
        button=InlineQueryResultsButton(door.text, start_parameter=door.start),
    )
    try:
        await context.sender.call(update.chat_id, answer, tries=1)
    except (Later, Refused) as trouble:  # typed on meanwhile, or too long ago
        log.info("an inline query was not answered: %s", trouble)


def _article(result: InlineResult) -> InlineQueryResultArticle:
    content = InputTextMessageContent(result.text, ParseMode.HTML)
    return InlineQueryResultArticle(result.id, result.title, content, description=result.description)
