"""/start, /help, /cancel, /stats, and whether somebody likes to be thanked."""

from functools import partial

from bot.conversation.breeds.handler import list_breeds
from bot.conversation.breeds.inline_view import START_BREEDS
from bot.conversation.breeds.known import known_breeds
from bot.conversation.context import Context
from bot.conversation.menu import give_own_menu
from bot.conversation.personal import help_view as guidance
from bot.conversation.personal.history import past_answers, turn_history
from bot.conversation.personal.language import choose_language, language, language_page
from bot.conversation.personal.press import OwnAction, OwnPress
from bot.conversation.personal.stats_view import stats as stats_view
from bot.conversation.personal.thanks_view import thanks_switched
from bot.conversation.personal.unsupported import other
from bot.conversation.replies import nod, post, reply, turn
from bot.conversation.router import Router
from bot.conversation.settings.press import SettingsAction, SettingsPress
from bot.telegram.update import ChatUpdate, UpdateKind


def register(router: Router) -> None:
    """What people ask about themselves and the bot; everything that is not understood comes here, too."""
    router.command("start", start)
    router.command("help", help_)
    router.command("cancel", cancel)
    router.command("stats", stats)
    router.command("history", past_answers, personal=True)
    router.command("language", language, personal=True)
    router.press(OwnPress, OwnAction.HISTORY, turn_history)
    router.press(OwnPress, OwnAction.LANGUAGE, choose_language)
    router.press(SettingsPress, SettingsAction.LANGUAGE, language_page)
    router.press(OwnPress, OwnAction.THANKS_ON, partial(switch_thanks, wanted=True))
    router.press(OwnPress, OwnAction.THANKS_OFF, partial(switch_thanks, wanted=False))
    router.on(UpdateKind.OTHER, other)


async def start(update: ChatUpdate, context: Context) -> None:
    """The first message, or what a button in another chat led to."""
    if update.words == [START_BREEDS]:
        await list_breeds(update, context)
        return
    known = await known_breeds(context.database)
    await post(update, context, guidance.start(update.language, known, rule=context.rule_decides))
    if update.private and update.user_id in context.moderators():
        await give_own_menu(context, update.user_id, update.language)


async def help_(update: ChatUpdate, context: Context) -> None:
    """What can be done."""
    guest_name = context.bot.username if context.bot.bot.supports_guest_queries else None
    await post(update, context, guidance.help_(update.language, await known_breeds(context.database), guest_name))


async def cancel(update: ChatUpdate, context: Context) -> None:
    """What somebody was asked to type is no longer waited for: every command sees to that."""
    awaited = update.awaiting_search_for is not None or update.reviewing is not None
    await reply(update, context, guidance.cancelled(update.language, awaited=awaited))


async def stats(update: ChatUpdate, context: Context) -> None:
    """What everybody together has taught; from counts that are kept, so that a million rows cost nothing."""
    async with context.database.unit(read_only=True) as unit:
        community = await unit.stats.community()
        champion = await unit.model_versions.champion()
    await reply(update, context, stats_view(community, champion, update.language))


async def switch_thanks(update: ChatUpdate, context: Context, _: OwnPress, *, wanted: bool) -> None:
    """Note it, and say so in place of the thanks."""
    async with context.database.unit() as unit:
        await unit.users.set_wants_thanks(update.user_id, wanted)
    await nod(update, context)
    await turn(update, context, thanks_switched(wanted, update.user_id, update.language))
