"""Handlers: the page, and its two buttons that change who answers."""

import logging
from typing import Final

from aiohttp import web

from bot.console.models.html import Sheet
from bot.console.pages import form_of, page
from bot.console.sessions import Moderator
from bot.conversation.models.facts import ModelsPage, Reins, models_page
from bot.texts import Html, say_plain
from db.database import Database
from inference.model.artefact import ArtefactError

DONE: Final = {
    "promoted": "models-done-promoted",
    "rolled-back": "models-done-rolled-back",
    "changed": "models-done-changed",
}

log = logging.getLogger(__name__)


class Models:
    """For a moderator who is logged in. ``reins``: None = nothing can be changed from this process."""

    def __init__(self, database: Database, reins: Reins | None, wanted: int) -> None:
        self._database = database
        self._reins = reins
        self._wanted = wanted

    async def show(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """`?done=…`: what the last press did."""
        done = DONE.get(request.query.get("done", ""))
        try:
            found = await models_page(self._database, self._reins, self._wanted)
        except ArtefactError as error:
            return self._page(moderator, Sheet(moderator).trouble(str(error)))
        return self._page(moderator, Sheet(moderator).body(found, done))

    async def change(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """Fields: `act` (promote, roll-back), `model` that is promoted or goes, and `claims` (keep, aside)."""
        form = await form_of(request)
        act, model = form.get("act"), form.get("model")
        if self._reins is None or act not in {"promote", "roll-back"} or not isinstance(model, str):
            raise web.HTTPBadRequest(text="act: promote or roll-back, and a model")
        try:
            done = await self._change(self._reins, str(act), model, form.get("claims") == "aside", moderator)
        except ArtefactError as error:
            log.warning("moderator %s, %s of %s: %s", moderator.id, act, model, error)
            return self._page(moderator, Sheet(moderator).trouble(str(error)), status=409)
        return web.Response(status=303, headers={"Location": f"models?done={done}"})

    async def _change(self, reins: Reins, act: str, model: str, aside: bool, moderator: Moderator) -> str:
        """What is meant must still be so: another moderator, or the trial itself, may have been quicker."""
        found = await models_page(self._database, reins, self._wanted)
        if act == "promote" and model in [one.version.model_id for one in found.candidates]:
            await reins.promote(model, f"promoted by moderator {moderator.id}, before its trial was over")
            return "promoted"
        if act == "roll-back" and answers(found, model):
            note = f"by moderator {moderator.id}"
            await reins.roll_back(moderator.reviewer, note, set_aside=aside, model=model)
            return "rolled-back"
        return "changed"

    def _page(self, moderator: Moderator, body: Html, status: int = 200) -> web.Response:
        title = say_plain(moderator.language, "models-title")
        filled = page("sheet.html", moderator.language, csrf=moderator.csrf, title=title, body=body)
        return web.Response(text=filled, content_type="text/html", status=status)


def answers(found: ModelsPage, model: str) -> bool:
    """Whether this model answers, and can be taken back."""
    return found.champion is not None and found.champion.version.model_id == model and found.previous is not None
