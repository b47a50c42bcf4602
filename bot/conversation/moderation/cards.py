"""Brings the next card before a moderator: one message, in which card follows card."""

from collections.abc import Sequence

from bot.conversation.context import Context
from bot.conversation.moderation.card_photo import card_photo, question_mark
from bot.conversation.moderation.card_view import Around, Card, LastStep, nothing_waits, review_card
from bot.conversation.moderation.moderators import reviewer_of
from bot.conversation.moderation.open_cards import OpenCards, Place
from bot.errors import Refused
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from core.claim import Decision
from db.chat.chat_records import ReviewRecord
from db.learning.learning_records import ReviewItem
from db.unit import Unit

UNDO_AMONG = 20  # the moderator's last decisions


class Cards:
    """Which card each moderator has before them. ``heatmaps``, ``console``: whether cards lead to any."""

    def __init__(self, *, heatmaps: bool, console: bool) -> None:
        self.open = OpenCards()
        self._heatmaps = heatmaps
        self._console = console

    async def deal(
        self, update: ChatUpdate, context: Context, place: Place | None, last: LastStep | None = None
    ) -> None:
        """Show the most informative claim that nobody else looks at. ``place``: the card to turn; None = a new one."""
        async with context.database.unit(read_only=True) as unit:
            busy = self.open.of_others(update.user_id)
            items = await unit.review_queue.next(1 + len(busy))
            chosen = next((item for item in items if item.event_id not in busy), items[0] if items else None)
            around = await self._around(unit, update, context, last)
            card = Card(chosen, await unit.reviews.by_user(chosen.user_id), around) if chosen is not None else None
        if card is None:
            await self._say_that_nothing_waits(update, context, place, around)
        else:
            await self.show(update, context, place, card)

    async def load(
        self,
        update: ChatUpdate,
        context: Context,
        event_id: int,
        *,
        last: LastStep | None = None,
        heat: str | None = None,
    ) -> Card | None:
        """The card of this claim; None: it does not wait (any more)."""
        async with context.database.unit(read_only=True) as unit:
            claim = await unit.review_queue.get(event_id)
            if claim is None:
                return None
            around = await self._around(unit, update, context, last)
            return Card(claim, await unit.reviews.by_user(claim.user_id), around, heat)

    async def show(self, update: ChatUpdate, context: Context, place: Place | None, card: Card) -> None:
        """Turn the card at that place, or lay down a new one, with the photo."""
        photo = await card_photo(context.photo_store, card.claim.photo_sha256, card.claim.box)
        await self.show_picture(update, context, place, card, photo)

    async def show_picture(
        self, update: ChatUpdate, context: Context, place: Place | None, card: Card, picture: bytes
    ) -> None:
        """The same with another picture: the heat map."""
        view = review_card(card, update.language)
        at = await self._turn(update, context, place, picture, view)
        self.open.put(update.user_id, at, card.claim.event_id, card.heat)

    async def change(
        self, update: ChatUpdate, context: Context, place: Place | None, claim: ReviewItem, view: View
    ) -> None:
        """Change what stands under the photo; the photo stays."""
        if place is not None:
            try:
                await context.sender.edit_caption(*place, view)
            except Refused:  # deleted by somebody
                place = None
        if place is None:
            photo = await card_photo(context.photo_store, claim.photo_sha256, claim.box)
            place = await self._lay(update, context, photo, view)
        heat = self.open.heat(update.user_id, claim.event_id)
        self.open.put(update.user_id, place, claim.event_id, heat)

    async def _around(self, unit: Unit, update: ChatUpdate, context: Context, last: LastStep | None) -> Around:
        """What is shown around a claim."""
        recent = await unit.reviews.recent(reviewer_of(update.user_id), UNDO_AMONG)
        return Around(
            waiting=await unit.review_queue.count(),
            last=last,
            undo=undoable(recent),
            heatmaps=self._heatmaps,
            console=self._console,
            rule=context.rule_decides,
        )

    async def _turn(
        self, update: ChatUpdate, context: Context, place: Place | None, picture: bytes, view: View
    ) -> Place:
        if place is not None:
            try:
                await context.sender.edit_photo(*place, picture, view)
            except Refused:  # deleted by somebody, or Telegram does not like the picture
                pass
            else:
                return place
        return await self._lay(update, context, picture, view)

    async def _lay(self, update: ChatUpdate, context: Context, picture: bytes, view: View) -> Place:
        chat_id = update.chat_id
        try:
            message_id = await context.sender.send_photo(chat_id, picture, view, thread_id=update.thread_id)
        except Refused:  # too narrow a picture, for instance; if the chat is closed this is refused, too
            message_id = await context.sender.send_photo(chat_id, question_mark(), view, thread_id=update.thread_id)
        await self._clear(update, context)
        return Place(chat_id, message_id)

    async def _clear(self, update: ChatUpdate, context: Context) -> None:
        """Take away the card before a new message: its buttons would only mislead."""
        before = self.open.card(update.user_id)
        if before is not None:
            await context.sender.tidy(*before.place)

    async def _say_that_nothing_waits(
        self, update: ChatUpdate, context: Context, place: Place | None, around: Around
    ) -> None:
        view = nothing_waits(around, update.language)
        if place is not None:
            try:
                await context.sender.edit_caption(*place, view)
            except Refused:
                place = None
        if place is None:
            message_id = await context.sender.send(update.chat_id, view, thread_id=update.thread_id)
            place = Place(update.chat_id, message_id)
            await self._clear(update, context)
        self.open.put(update.user_id, place, None)


def undoable(recent: Sequence[ReviewRecord]) -> int | None:
    """The claim of the newest decision that was not taken back; takes one reviewer's decisions, newest first."""
    seen: set[int] = set()
    for review in recent:
        if review.feedback_event_id not in seen and review.decision is not Decision.REOPENED:
            return review.feedback_event_id
        seen.add(review.feedback_event_id)
    return None
