"""/settings, and the buttons of its card; its pages belong to the features that they are about."""

from functools import partial

from bot.conversation.context import Context
from bot.conversation.replies import nod, reply, turn
from bot.conversation.router import Router
from bot.conversation.settings.press import SettingsAction, SettingsPress
from bot.conversation.settings.view import settings_card
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from db.chat.chat_records import Consent


def register(router: Router) -> None:
    """The command, the way back to the card, and thanks."""
    router.command("settings", settings, personal=True)
    router.press(SettingsPress, SettingsAction.CARD, _back)
    router.press(SettingsPress, SettingsAction.THANKS_ON, partial(_switch_thanks, wanted=True))
    router.press(SettingsPress, SettingsAction.THANKS_OFF, partial(_switch_thanks, wanted=False))


async def settings(update: ChatUpdate, context: Context) -> None:
    """How everything is set."""
    await reply(update, context, await _card(update, context))


async def _back(update: ChatUpdate, context: Context, _: SettingsPress) -> None:
    await nod(update, context)
    await turn(update, context, await _card(update, context))


async def _switch_thanks(update: ChatUpdate, context: Context, _: SettingsPress, *, wanted: bool) -> None:
    async with context.database.unit() as unit:
        await unit.users.set_wants_thanks(update.user_id, wanted)
    await nod(update, context)
    await turn(update, context, await _card(update, context))


async def _card(update: ChatUpdate, context: Context) -> View:
    async with context.database.unit(read_only=True) as unit:
        user = await unit.users.get(update.user_id)
    return settings_card(
        automatic=user is None or user.language is None,
        learns=update.consent is Consent.YES,
        thanks=user is None or user.wants_thanks,
        user_id=update.user_id,
        language=update.language,
    )
