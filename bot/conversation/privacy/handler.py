"""/privacy, /mydata and /forget. Consent is one tap: with the first answer, after corrections, in /privacy."""

import asyncio
import logging
from functools import partial

from bot.conversation.callback import VERSION, Toast
from bot.conversation.context import Context
from bot.conversation.personal.press import OwnAction, OwnPress
from bot.conversation.privacy.forget import forget_person
from bot.conversation.privacy.forget_view import forget_question, forgotten, kept
from bot.conversation.privacy.my_data import my_data
from bot.conversation.privacy.press import PrivacyAction, PrivacyPress
from bot.conversation.privacy.view import privacy, with_consent
from bot.conversation.replies import nod, post, reply, turn
from bot.conversation.router import Router
from bot.conversation.settings.press import SettingsAction, SettingsPress
from bot.errors import Refused
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from db.chat.chat_records import Consent, Holdings

_TOASTS = {Consent.YES: Toast.CONSENT_GIVEN, Consent.NO: Toast.CONSENT_REFUSED}

log = logging.getLogger(__name__)


class Privacy:
    """``retention_days``: for how long photos are kept; 0 = for good."""

    def __init__(self, retention_days: int) -> None:
        self._retention_days = retention_days
        self._packing = asyncio.Semaphore(1)

    def register(self, router: Router) -> None:
        """Rights: whoever is banned keeps them."""
        router.command("privacy", self.privacy, personal=True, right=True)
        router.command("mydata", self.my_data, personal=True, right=True)
        router.command("forget", ask_whether_to_forget, personal=True, right=True)
        router.press(PrivacyPress, PrivacyAction.YES, partial(self._consent, consent=Consent.YES), right=True)
        router.press(PrivacyPress, PrivacyAction.NO, partial(self._consent, consent=Consent.NO), right=True)
        router.press(PrivacyPress, PrivacyAction.DATA, self._data, right=True)
        router.press(PrivacyPress, PrivacyAction.FORGET, _forget_question, right=True)
        router.press(SettingsPress, SettingsAction.PRIVACY, self._turn_here)
        router.press(OwnPress, OwnAction.FORGET, _forget, right=True)
        router.press(OwnPress, OwnAction.KEEP, _keep, right=True)

    async def privacy(self, update: ChatUpdate, context: Context) -> None:
        """What is kept, and what can be changed."""
        await reply(update, context, self._page(update, context, update.consent))

    async def my_data(self, update: ChatUpdate, context: Context) -> None:
        """One package at a time."""
        await my_data(update, context, self._packing)

    async def _turn_here(self, update: ChatUpdate, context: Context, _: SettingsPress) -> None:
        await nod(update, context)
        await turn(update, context, self._page(update, context, update.consent))

    def _page(self, update: ChatUpdate, context: Context, consent: Consent | None) -> View:
        return privacy(consent, self._retention_days, update.user_id, update.language, rule=context.rule_decides)

    async def _data(self, update: ChatUpdate, context: Context, _: PrivacyPress) -> None:
        await nod(update, context)
        await self.my_data(update, context)

    async def _consent(self, update: ChatUpdate, context: Context, pressed: PrivacyPress, consent: Consent) -> None:
        async with context.database.unit() as unit:
            new = await unit.consents.set(update.user_id, consent)
        if new:
            log.info("consent changed", extra={"consent": consent.value})
        await nod(update, context, _TOASTS[consent])
        if pressed.token is None:
            view = self._page(update, context, consent)
        else:
            view = with_consent(_without_question(update), consent, update.language)
        await _show(update, context, view)


async def ask_whether_to_forget(update: ChatUpdate, context: Context) -> None:
    """It cannot be undone."""
    await reply(update, context, forget_question(update.user_id, update.language))


async def _forget_question(update: ChatUpdate, context: Context, _: PrivacyPress) -> None:
    await nod(update, context)
    await _show(update, context, forget_question(update.user_id, update.language))


async def _forget(update: ChatUpdate, context: Context, _: OwnPress) -> None:
    gone = await forget_person(context.database, context.photo_store, update.user_id)
    log.info("a person asked to be forgotten")
    await nod(update, context)
    await turn(update, context, forgotten(gone or Holdings(0, 0, 0), update.language))


async def _keep(update: ChatUpdate, context: Context, _: OwnPress) -> None:
    await nod(update, context)
    await turn(update, context, kept(update.language))


def _without_question(update: ChatUpdate) -> View:
    """The message as it is, but for its last paragraph and the buttons that belong to it."""
    text = (update.message.text_html if update.message is not None else None) or ""
    ours = f"{VERSION}:{PrivacyPress.FAMILY}:"
    rows = (tuple(one for one in row if not one.data.startswith(ours)) for row in update.buttons)
    return View(text.rpartition("\n\n")[0], tuple(row for row in rows if row))


async def _show(update: ChatUpdate, context: Context, view: View) -> None:
    """In the message that has this button; a forged press, which can name any message of ours, changes none."""
    has_it = any(one.data == update.data for row in update.buttons for one in row)
    if update.message_id is None or not has_it:
        return
    try:
        await context.sender.edit(update.chat_id, update.message_id, view)
    except Refused as refusal:
        log.info("a message in chat %s cannot be edited: %s", update.chat_id, refusal)
        await post(update, context, view)
