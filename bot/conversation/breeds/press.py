"""The buttons of the list of breeds. Nothing in them is secret, but a list that anybody in a group could turn would be
of use to nobody: it obeys who asked. Who asked without a name, as a channel or as the group itself, cannot be told from
others when they press: then anybody may.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from bot.conversation.callback import ANYBODY, Press, Slug, Toast
from core.breeds.catalogue import catalogue

Owner = Annotated[int, r"0|[1-9][0-9]{0,15}"]  # https://core.telegram.org/bots/api#user: at most 52 bits
Page = Annotated[int, r"[1-9]?[0-9]"]


class BreedsAction(StrEnum):
    """What a press asks for; one letter, as the longest slug needs the room."""

    GROUPS = "g"
    PAGE = "p"  # of one group
    CARD = "c"


@dataclass(frozen=True, slots=True)
class BreedsPress(Press):
    """``1:b:p:4711:terriers:2``. PAGE names a group and a page of it, CARD a breed."""

    FAMILY = "b"
    MISREAD = Toast.OLD_LIST
    action: BreedsAction
    user_id: Owner
    slug: Slug | None = None
    page: Page | None = None

    def _fits(self) -> bool:
        if self.action is BreedsAction.PAGE:
            return self.slug in catalogue().groups and self.page is not None
        known = self.slug in catalogue() if self.action is BreedsAction.CARD else self.slug is None
        return known and self.page is None


def owner_of_list(user_id: int) -> int:
    """Whose list it is that this person, channel or group asks for."""
    return max(user_id, ANYBODY)
