"""/review, and every button of a review card."""

import logging
from collections.abc import Awaitable, Callable

from bot.conversation.answer_press import BadCallback
from bot.conversation.context import Services
from bot.conversation.moderation.card_view import LastStep, console_link, other_breed, review_search
from bot.conversation.moderation.cards import change, deal, load, show, show_picture
from bot.conversation.moderation.decisions import decide, put_off, take_back
from bot.conversation.moderation.open_cards import Place
from bot.conversation.personal.notice import Notice, notice
from bot.conversation.replies import alert, nod
from bot.conversation.reply import reply
from bot.conversation.review_press import ReviewAction, ReviewPress
from bot.conversation.toast import Toast
from bot.telegram.update import Incoming
from db.chat.chat_records import Decision

log = logging.getLogger(__name__)

_DECISIONS = {
    ReviewAction.ACCEPT: Decision.ACCEPTED,
    ReviewAction.PICK: Decision.ACCEPTED,
    ReviewAction.REJECT: Decision.REJECTED,
}


async def review(incoming: Incoming, services: Services) -> None:
    """Show a moderator the first card. Photos are people's: not where others look on."""
    if not incoming.private:
        await reply(incoming, services, notice(Notice.REVIEW_PRIVATE, incoming.language))
        return
    await deal(incoming, services, None)


async def review_press(incoming: Incoming, services: Services) -> None:
    """Obey a moderator's button; who is one is asked now, not when the card was sent."""
    try:
        pressed = ReviewPress.parse((incoming.query.data if incoming.query is not None else None) or "")
    except BadCallback as error:
        log.warning("update %s: %s", incoming.update_id, error)
        await alert(incoming, services, Toast.MALFORMED)
        return
    if not incoming.private or incoming.user_id not in services.moderators():
        log.warning("user %s is no moderator, or not alone, and pressed %s", incoming.user_id, pressed.action)
        await alert(incoming, services, Toast.MODERATORS_ONLY)
        return
    async with services.database.unit() as unit:
        searching = pressed.event_id if pressed.action is ReviewAction.SEARCH else None
        await unit.users.await_review(incoming.user_id, searching)
    await _OBEY.get(pressed.action, _decide)(incoming, services, pressed)


async def _decide(incoming: Incoming, services: Services, pressed: ReviewPress) -> None:
    decision = _DECISIONS[pressed.action]
    done = await decide(services.database, incoming.user_id, pressed.event_id, decision, pressed.breed)
    if done is Toast.WHICH_BREED:
        await alert(incoming, services, done)
        return
    await _go_on(incoming, services, done)


async def _skip(incoming: Incoming, services: Services, pressed: ReviewPress) -> None:
    await _go_on(incoming, services, await put_off(services.database, pressed.event_id))


async def _next(incoming: Incoming, services: Services, _: ReviewPress) -> None:
    await nod(incoming, services)
    await _turn_to(incoming, services, lambda place: deal(incoming, services, place))


async def _go_on(incoming: Incoming, services: Services, done: LastStep | Toast) -> None:
    """Say what was done, or why not, and bring the next card."""
    if isinstance(done, Toast):
        await alert(incoming, services, done)
    else:
        await nod(incoming, services, Toast(done.done))
    last = done if isinstance(done, LastStep) else None
    await _turn_to(incoming, services, lambda place: deal(incoming, services, place, last))


async def _undo(incoming: Incoming, services: Services, pressed: ReviewPress) -> None:
    """Take a decision back, and show its claim again."""
    done = await take_back(services.database, incoming.user_id, pressed.event_id)
    card = await load(incoming, services, pressed.event_id, last=done) if isinstance(done, LastStep) else None
    if card is None:
        await alert(incoming, services, Toast.NOT_UNDONE)
        await _turn_to(incoming, services, lambda place: deal(incoming, services, place))
        return
    await nod(incoming, services, Toast.REOPENED)
    await _turn_to(incoming, services, lambda place: show(incoming, services, place, card))


async def _menu(incoming: Incoming, services: Services, pressed: ReviewPress) -> None:
    """Which breed, then? From the next best ones, or by its name."""
    heat = services.desk.heat(incoming.user_id, pressed.event_id)
    card = await load(incoming, services, pressed.event_id, heat=heat)
    if card is None:
        await _go_on(incoming, services, Toast.CLAIM_GONE)
        return
    await nod(incoming, services)
    view = (review_search if pressed.action is ReviewAction.SEARCH else other_breed)(card, incoming.language)
    await _turn_to(incoming, services, lambda place: change(incoming, services, place, card.claim, view))


async def _card(incoming: Incoming, services: Services, pressed: ReviewPress) -> None:
    """Back to the card as it was."""
    card = await load(incoming, services, pressed.event_id)
    if card is None:
        await _go_on(incoming, services, Toast.CLAIM_GONE)
        return
    await nod(incoming, services)
    await _turn_to(incoming, services, lambda place: show(incoming, services, place, card))


async def _heat(incoming: Incoming, services: Services, pressed: ReviewPress) -> None:
    card = await load(incoming, services, pressed.event_id, heat=pressed.breed)
    if card is None:
        await _go_on(incoming, services, Toast.CLAIM_GONE)
        return
    picture = None
    if services.heatmap is not None and pressed.breed is not None:
        picture = await services.heatmap(card.claim.photo_sha256, pressed.breed)
    if picture is None:
        await alert(incoming, services, Toast.NO_HEAT)
        return
    painted = picture
    await nod(incoming, services)
    await _turn_to(incoming, services, lambda place: show_picture(incoming, services, place, card, painted))


async def _console(incoming: Incoming, services: Services, _: ReviewPress) -> None:
    if services.console_link is None:
        await alert(incoming, services, Toast.NO_CONSOLE)
        return
    await nod(incoming, services)
    link = await services.console_link(incoming.user_id)
    await services.outgoing.send(incoming.chat_id, console_link(link, incoming.language))


async def _turn_to(incoming: Incoming, services: Services, turn: Callable[[Place | None], Awaitable[None]]) -> None:
    """Show something where the card is; a list of breeds, or the word that nothing waited, has done its work then."""
    pressed = Place(incoming.chat_id, incoming.message.message_id) if incoming.message is not None else None
    if pressed is not None and incoming.message is not None and incoming.message.photo:
        await turn(pressed)
        return
    before = services.desk.card(incoming.user_id)
    await turn(before.place if before is not None and before.event_id is not None else None)
    if pressed is not None and (before is None or pressed != before.place):
        await services.outgoing.tidy(*pressed)


_OBEY: dict[ReviewAction, Callable[[Incoming, Services, ReviewPress], Awaitable[None]]] = {
    ReviewAction.SKIP: _skip,
    ReviewAction.NEXT: _next,
    ReviewAction.UNDO: _undo,
    ReviewAction.OTHER: _menu,
    ReviewAction.SEARCH: _menu,
    ReviewAction.CARD: _card,
    ReviewAction.HEAT: _heat,
    ReviewAction.CONSOLE: _console,
}
