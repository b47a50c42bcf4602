"""/models, and its buttons: how each was judged, promotion, roll-back."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.conversation.callback import Toast
from bot.conversation.context import Context
from bot.conversation.models.facts import ModelsPage, Reins, known_model, models_page
from bot.conversation.models.press import ModelAction, ModelPress
from bot.conversation.models.view import (
    gate_in_words,
    models,
    models_refused,
    promote_question,
    promoted,
    roll_back_question,
    rolled_back,
)
from bot.conversation.moderation.moderators import reviewer_of
from bot.conversation.replies import alert, nod, reply, turn
from bot.conversation.router import Router
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from inference.model.artefact import ArtefactError

log = logging.getLogger(__name__)

_Handler = Callable[[ChatUpdate, Context, ModelPress, ModelsPage], Awaitable[View]]


@dataclass(frozen=True, slots=True)
class Models:
    """``reins``: None = from this process nothing can be promoted or taken back; ``wanted``: photos of a trial."""

    reins: Reins | None
    wanted: int

    def register(self, router: Router) -> None:
        """A command and buttons that nobody else has."""
        router.command("models", self.show, moderators=True)
        for action, handle in {
            ModelAction.PAGE: self._page,
            ModelAction.GATE: self._gate,
            ModelAction.PROMOTE: self._ask_to_promote,
            ModelAction.PROMOTE_YES: self._promote,
            ModelAction.BACK: self._ask_to_roll_back,
            ModelAction.KEEP: self._roll_back,
            ModelAction.SET_ASIDE: self._roll_back,
        }.items():
            router.press(ModelPress, action, self._of_moderators(handle))

    async def show(self, update: ChatUpdate, context: Context) -> None:
        """Which model answers, and what else there is."""
        try:
            page = await models_page(context.database, self.reins, self.wanted)
        except ArtefactError as error:
            await reply(update, context, models_refused(str(error), update.language))
            return
        await reply(update, context, models(page, update.language))

    def _of_moderators(self, handle: _Handler) -> Callable[[ChatUpdate, Context, ModelPress], Awaitable[None]]:
        """Who is a moderator, and what there is, is asked now, not when the buttons were sent."""

        async def press(update: ChatUpdate, context: Context, pressed: ModelPress) -> None:
            if update.user_id not in context.moderators():
                await alert(update, context, Toast.MODERATORS_ONLY)
                return
            await nod(update, context)
            try:
                page = await models_page(context.database, self.reins, self.wanted)
                view = await handle(update, context, pressed, page)
            except ArtefactError as error:
                log.warning("moderator %s, %s of %s: %s", update.user_id, pressed.action, pressed.model, error)
                view = models_refused(str(error), update.language)
            await turn(update, context, view)

        return press

    async def _page(self, update: ChatUpdate, _: Context, __: ModelPress, page: ModelsPage) -> View:
        return models(page, update.language)

    async def _gate(self, update: ChatUpdate, context: Context, pressed: ModelPress, page: ModelsPage) -> View:
        async with context.database.unit(read_only=True) as unit:
            model = await known_model(unit, pressed.model or "")
        return models(page, update.language) if model is None else gate_in_words(model, update.language)

    async def _ask_to_promote(self, update: ChatUpdate, _: Context, pressed: ModelPress, page: ModelsPage) -> View:
        candidate = next((one for one in page.candidates if one.version.model_id == pressed.model), None)
        if candidate is None:
            return models(page, update.language)
        return promote_question(candidate, page, update.language)

    async def _promote(self, update: ChatUpdate, _: Context, pressed: ModelPress, page: ModelsPage) -> View:
        tried = pressed.model in [one.version.model_id for one in page.candidates]
        if self.reins is None or pressed.model is None or not tried:  # pressed twice, or another has decided
            return models(page, update.language)
        await self.reins.promote(pressed.model, f"promoted by moderator {update.user_id}, before its trial was over")
        return promoted(pressed.model, update.language)

    async def _ask_to_roll_back(self, update: ChatUpdate, _: Context, pressed: ModelPress, page: ModelsPage) -> View:
        return roll_back_question(page, update.language) if answers(page, pressed) else models(page, update.language)

    async def _roll_back(self, update: ChatUpdate, _: Context, pressed: ModelPress, page: ModelsPage) -> View:
        if self.reins is None or pressed.model is None or not answers(page, pressed):
            return models(page, update.language)
        aside = pressed.action is ModelAction.SET_ASIDE
        note = f"by moderator {update.user_id}"
        done = await self.reins.roll_back(reviewer_of(update.user_id), note, set_aside=aside, model=pressed.model)
        return rolled_back(done.model, done.back, len(done.set_aside), update.language)


def answers(page: ModelsPage, pressed: ModelPress) -> bool:
    """Whether the model that the button would take back still answers: two moderators take back one model, not two."""
    return page.champion is not None and page.champion.version.model_id == pressed.model and page.previous is not None
