"""The buttons of /models. A model's id is no secret: who may press is asked each time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from bot.conversation.callback import Press

Model = Annotated[str, r"[A-Za-z0-9][A-Za-z0-9._-]{0,51}"]  # one with a longer name has no button


class ModelAction(StrEnum):
    """What a moderator asks for. The model is the candidate, or the champion that shall go."""

    PAGE = "page"
    GATE = "gate"  # how it was judged
    PROMOTE = "up"  # really?
    PROMOTE_YES = "up1"
    BACK = "back"  # and what of the claims that taught it?
    KEEP = "keep"
    SET_ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class ModelPress(Press):
    """``1:m:aside:dogs132-20261130-f7626b``."""

    FAMILY = "m"
    action: ModelAction
    model: Model | None = None

    def _fits(self) -> bool:
        return (self.model is None) == (self.action is ModelAction.PAGE)
