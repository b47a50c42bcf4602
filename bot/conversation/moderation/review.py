"""/review, and every button of a review card."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from bot.conversation.callback import Toast
from bot.conversation.context import Context
from bot.conversation.heatmap.port import Heatmap, box_of
from bot.conversation.moderation.card_view import (
    Card,
    LastStep,
    console_link,
    other_breed,
    review_search,
    review_search_results,
)
from bot.conversation.moderation.cards import Cards
from bot.conversation.moderation.decisions import decide, put_off, take_back
from bot.conversation.moderation.open_cards import Place
from bot.conversation.moderation.press import ReviewAction, ReviewPress
from bot.conversation.notice import Notice, notice
from bot.conversation.replies import alert, nod, post, reply
from bot.conversation.router import PressHandler, Router
from bot.telegram.update import ChatUpdate
from core.claim import Decision

ConsoleLink = Callable[[int], Awaitable[str]]  # takes a moderator's id, gives a link that logs them in, once

log = logging.getLogger(__name__)

_DECISIONS = {
    ReviewAction.ACCEPT: Decision.ACCEPTED,
    ReviewAction.PICK: Decision.ACCEPTED,
    ReviewAction.REJECT: Decision.REJECTED,
}


class Review:
    """Shows moderators one claim after the other. ``paint``, ``console``: None = there are no heat maps, no console."""

    def __init__(self, paint: Heatmap | None, console: ConsoleLink | None) -> None:
        self._cards = Cards(heatmaps=paint is not None, console=console is not None)
        self._paint = paint
        self._console_link = console

    def register(self, router: Router) -> None:
        """The command, and what each button does."""
        router.command("review", self.review, moderators=True)
        handlers: dict[ReviewAction, PressHandler[ReviewPress]] = {
            **dict.fromkeys(_DECISIONS, self._decide),
            ReviewAction.SKIP: self._skip,
            ReviewAction.NEXT: self._next,
            ReviewAction.UNDO: self._undo,
            ReviewAction.OTHER: self._menu,
            ReviewAction.SEARCH: self._menu,
            ReviewAction.CARD: self._card,
            ReviewAction.HEAT: self._heat,
            ReviewAction.CONSOLE: self._console,
        }
        for action, handler in handlers.items():
            router.press(ReviewPress, action, _of_moderators(handler))

    async def review(self, update: ChatUpdate, context: Context) -> None:
        """Show a moderator the first card. Photos are people's: not where others look on."""
        if not update.private:
            await reply(update, context, notice(Notice.REVIEW_PRIVATE, update.language))
            return
        await self._cards.deal(update, context, None)

    async def _decide(self, update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
        decision = _DECISIONS[pressed.action]
        done = await decide(context.database, update.user_id, pressed.event_id, decision, pressed.breed)
        if done is Toast.WHICH_BREED:
            await alert(update, context, done)
            return
        await self._go_on(update, context, done)

    async def _skip(self, update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
        await self._go_on(update, context, await put_off(context.database, pressed.event_id))

    async def _next(self, update: ChatUpdate, context: Context, _: ReviewPress) -> None:
        await nod(update, context)
        await self._turn_to(update, context, lambda place: self._cards.deal(update, context, place))

    async def _go_on(self, update: ChatUpdate, context: Context, done: LastStep | Toast) -> None:
        """Say what was done, or why not, and bring the next card."""
        if isinstance(done, Toast):
            await alert(update, context, done)
        else:
            await nod(update, context, Toast(done.done))
        last = done if isinstance(done, LastStep) else None
        await self._turn_to(update, context, lambda place: self._cards.deal(update, context, place, last))

    async def _undo(self, update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
        """Take a decision back, and show its claim again."""
        done = await take_back(context.database, update.user_id, pressed.event_id)
        card = (
            await self._cards.load(update, context, pressed.event_id, last=done) if isinstance(done, LastStep) else None
        )
        if card is None:
            await alert(update, context, Toast.NOT_UNDONE)
            await self._turn_to(update, context, lambda place: self._cards.deal(update, context, place))
            return
        await nod(update, context, Toast.REOPENED)
        await self._turn_to(update, context, lambda place: self._cards.show(update, context, place, card))

    async def _menu(self, update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
        """Which breed, then? From the next best ones, or by its name."""
        heat = self._cards.open.heat(update.user_id, pressed.event_id)
        if (card := await self._waiting(update, context, pressed, heat)) is not None:
            await nod(update, context)
            view = (review_search if pressed.action is ReviewAction.SEARCH else other_breed)(card, update.language)
            change = self._cards.change
            await self._turn_to(update, context, lambda place: change(update, context, place, card.claim, view))

    async def _card(self, update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
        """Back to the card as it was."""
        if (card := await self._waiting(update, context, pressed)) is not None:
            await nod(update, context)
            await self._turn_to(update, context, lambda place: self._cards.show(update, context, place, card))

    async def _heat(self, update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
        if (card := await self._waiting(update, context, pressed, pressed.breed)) is None:
            return
        painted = None
        if self._paint is not None and pressed.breed is not None:
            painted = await self._paint(card.claim.photo_sha256, pressed.breed, box_of(card.claim.box))
        if painted is None:
            await alert(update, context, Toast.NO_HEAT)
        else:
            await nod(update, context)
            turn = partial(self._cards.show_picture, update, context, card=card, picture=painted)
            await self._turn_to(update, context, turn)

    async def _waiting(
        self, update: ChatUpdate, context: Context, pressed: ReviewPress, heat: str | None = None
    ) -> Card | None:
        """The card; None: its claim does not wait any more, and the next one is shown."""
        card = await self._cards.load(update, context, pressed.event_id, heat=heat)
        if card is None:
            await self._go_on(update, context, Toast.CLAIM_GONE)
        return card

    async def _console(self, update: ChatUpdate, context: Context, _: ReviewPress) -> None:
        if self._console_link is None:
            await alert(update, context, Toast.NO_CONSOLE)
            return
        await nod(update, context)
        link = await self._console_link(update.user_id)
        await post(update, context, console_link(link, update.language))

    async def _turn_to(
        self, update: ChatUpdate, context: Context, turn: Callable[[Place | None], Awaitable[None]]
    ) -> None:
        """Show something where the card is; a list of breeds, or the word that nothing waited, has done its work."""
        pressed = Place(update.chat_id, update.message_id) if update.message_id is not None else None
        if pressed is not None and update.photo is not None:
            await turn(pressed)
            return
        before = self._cards.open.card(update.user_id)
        await turn(before.place if before is not None and before.event_id is not None else None)
        if pressed is not None and (before is None or pressed != before.place):
            await context.sender.tidy(*pressed)


def _of_moderators(handle: PressHandler[ReviewPress]) -> PressHandler[ReviewPress]:
    """Who is a moderator is asked now, not when the card was sent."""

    async def press(update: ChatUpdate, context: Context, pressed: ReviewPress) -> None:
        if not update.private or update.user_id not in context.moderators():
            log.warning("user %s is no moderator, or not alone, and pressed %s", update.user_id, pressed.action)
            await alert(update, context, Toast.MODERATORS_ONLY)
            return
        async with context.database.unit() as unit:
            searching = pressed.event_id if pressed.action is ReviewAction.SEARCH else None
            await unit.users.await_review(update.user_id, searching)
        await handle(update, context, pressed)
        here = (update.chat_id, update.message_id) if update.message_id is not None else None
        await context.search_lists.end(update, context.sender, stays=here)

    return press


async def searched_for_a_claim(update: ChatUpdate, context: Context, query: str) -> bool:
    """Answer a typed name with the breeds that may be meant. Returns: whether the text was for that."""
    event_id = update.reviewing
    if event_id is None or not update.private or update.user_id not in context.moderators():
        return False
    async with context.database.unit(read_only=True) as unit:
        if await unit.review_queue.get(event_id) is None:
            return False
    found = context.search.find(query, update.language)
    list_id = await reply(update, context, review_search_results(event_id, query, found, update.language))
    await context.search_lists.replace(update, list_id, context.sender)
    return True
