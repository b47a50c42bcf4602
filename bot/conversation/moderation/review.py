"""/review, and every button of a review card."""

import logging
from collections.abc import Awaitable, Callable

from bot.conversation.answer_press import BadCallback
from bot.conversation.context import Context
from bot.conversation.moderation.card_view import LastStep, console_link, other_breed, review_search
from bot.conversation.moderation.cards import change, deal, load, show, show_picture
from bot.conversation.moderation.decisions import decide, put_off, take_back
from bot.conversation.moderation.open_cards import Place
from bot.conversation.personal.notice import Notice, notice
from bot.conversation.replies import alert, nod
from bot.conversation.reply import reply
from bot.conversation.review_press import ReviewAction, ReviewPress
from bot.conversation.toast import Toast
from bot.telegram.update import ChatUpdate
from core.claim import Decision

log = logging.getLogger(__name__)

_DECISIONS = {
    ReviewAction.ACCEPT: Decision.ACCEPTED,
    ReviewAction.PICK: Decision.ACCEPTED,
    ReviewAction.REJECT: Decision.REJECTED,
}


async def review(update: ChatUpdate, context: Context) -> None:
    """Show a moderator the first card. Photos are people's: not where others look on."""
    if not update.private:
        await reply(update, context, notice(Notice.REVIEW_PRIVATE, update.language))
        return
    await deal(update, context, None)


async def review_press(update: ChatUpdate, context: Context) -> None:
    """Obey a moderator's button; who is one is asked now, not when the card was sent."""
    try:
        pressed = ReviewPress.parse((update.query.data if update.query is not None else None) or "")
    except BadCallback as error:
        log.warning("update %s: %s", update.update_id, error)
        await alert(update, context, Toast.MALFORMED)
        return
    if not update.private or update.user_id not in context.moderators():
        log.warning("user %s is no moderator, or not alone, and pressed %s", update.user_id, pressed.action)
        await alert(update, context, Toast.MODERATORS_ONLY)
        return
    async with context.database.unit() as unit:
        searching = pressed.event_id if pressed.action is ReviewAction.SEARCH else None
        await unit.users.await_review(update.user_id, searching)
    await _OBEY.get(pressed.action, _decide)(update, context, pressed)


async def _decide(update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
    decision = _DECISIONS[pressed.action]
    done = await decide(context.database, update.user_id, pressed.event_id, decision, pressed.breed)
    if done is Toast.WHICH_BREED:
        await alert(update, context, done)
        return
    await _go_on(update, context, done)


async def _skip(update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
    await _go_on(update, context, await put_off(context.database, pressed.event_id))


async def _next(update: ChatUpdate, context: Context, _: ReviewPress) -> None:
    await nod(update, context)
    await _turn_to(update, context, lambda place: deal(update, context, place))


async def _go_on(update: ChatUpdate, context: Context, done: LastStep | Toast) -> None:
    """Say what was done, or why not, and bring the next card."""
    if isinstance(done, Toast):
        await alert(update, context, done)
    else:
        await nod(update, context, Toast(done.done))
    last = done if isinstance(done, LastStep) else None
    await _turn_to(update, context, lambda place: deal(update, context, place, last))


async def _undo(update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
    """Take a decision back, and show its claim again."""
    done = await take_back(context.database, update.user_id, pressed.event_id)
    card = await load(update, context, pressed.event_id, last=done) if isinstance(done, LastStep) else None
    if card is None:
        await alert(update, context, Toast.NOT_UNDONE)
        await _turn_to(update, context, lambda place: deal(update, context, place))
        return
    await nod(update, context, Toast.REOPENED)
    await _turn_to(update, context, lambda place: show(update, context, place, card))


async def _menu(update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
    """Which breed, then? From the next best ones, or by its name."""
    heat = context.open_cards.heat(update.user_id, pressed.event_id)
    card = await load(update, context, pressed.event_id, heat=heat)
    if card is None:
        await _go_on(update, context, Toast.CLAIM_GONE)
        return
    await nod(update, context)
    view = (review_search if pressed.action is ReviewAction.SEARCH else other_breed)(card, update.language)
    await _turn_to(update, context, lambda place: change(update, context, place, card.claim, view))


async def _card(update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
    """Back to the card as it was."""
    card = await load(update, context, pressed.event_id)
    if card is None:
        await _go_on(update, context, Toast.CLAIM_GONE)
        return
    await nod(update, context)
    await _turn_to(update, context, lambda place: show(update, context, place, card))


async def _heat(update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
    card = await load(update, context, pressed.event_id, heat=pressed.breed)
    if card is None:
        await _go_on(update, context, Toast.CLAIM_GONE)
        return
    picture = None
    if context.heatmap is not None and pressed.breed is not None:
        picture = await context.heatmap(card.claim.photo_sha256, pressed.breed)
    if picture is None:
        await alert(update, context, Toast.NO_HEAT)
        return
    painted = picture
    await nod(update, context)
    await _turn_to(update, context, lambda place: show_picture(update, context, place, card, painted))


async def _console(update: ChatUpdate, context: Context, _: ReviewPress) -> None:
    if context.console_link is None:
        await alert(update, context, Toast.NO_CONSOLE)
        return
    await nod(update, context)
    link = await context.console_link(update.user_id)
    await context.sender.send(update.chat_id, console_link(link, update.language))


async def _turn_to(update: ChatUpdate, context: Context, turn: Callable[[Place | None], Awaitable[None]]) -> None:
    """Show something where the card is; a list of breeds, or the word that nothing waited, has done its work then."""
    pressed = Place(update.chat_id, update.message.message_id) if update.message is not None else None
    if pressed is not None and update.message is not None and update.message.photo:
        await turn(pressed)
        return
    before = context.open_cards.card(update.user_id)
    await turn(before.place if before is not None and before.event_id is not None else None)
    if pressed is not None and (before is None or pressed != before.place):
        await context.sender.tidy(*pressed)


_OBEY: dict[ReviewAction, Callable[[ChatUpdate, Context, ReviewPress], Awaitable[None]]] = {
    ReviewAction.SKIP: _skip,
    ReviewAction.NEXT: _next,
    ReviewAction.UNDO: _undo,
    ReviewAction.OTHER: _menu,
    ReviewAction.SEARCH: _menu,
    ReviewAction.CARD: _card,
    ReviewAction.HEAT: _heat,
    ReviewAction.CONSOLE: _console,
}
