"""``/compare beagle, basset hound``, and the buttons that ask for the same."""

from bot.conversation.breeds.press import owner_of_list
from bot.conversation.compare.press import CompareAction, ComparePress
from bot.conversation.compare.two_names import two_names
from bot.conversation.compare.view import compare_how, compare_with, comparison
from bot.conversation.context import Context
from bot.conversation.replies import nod, reply, turn
from bot.conversation.router import Router
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate

QUERY_LIMIT = 120  # characters; the longest name has 48


def register(router: Router) -> None:
    """The command, and the buttons under cards."""
    router.command("compare", compare)
    router.press(ComparePress, CompareAction.BOTH, _pressed)


async def compare(update: ChatUpdate, context: Context) -> None:
    """Both breeds; with one, those that look like it to choose from; else how it is meant."""
    await reply(update, context, _asked(update, context))


async def _pressed(update: ChatUpdate, context: Context, pressed: ComparePress) -> None:
    await nod(update, context)
    await turn(update, context, comparison(*pressed.breeds, pressed.user_id, update.language))


def _asked(update: ChatUpdate, context: Context) -> View:
    owner, language = owner_of_list(update.user_id), update.language
    query = " ".join(update.words)[:QUERY_LIMIT]
    if not query:
        return compare_how((), language)
    named = two_names(query, context.search, language)
    match list(dict.fromkeys(breed.slug for breed in named.breeds)):
        case [one, other]:
            return comparison(one, other, owner, language)
        case [one] if not named.unknown:
            return compare_with(one, owner, language)
    return compare_how(named.unknown, language)
