"""What a button of the list of breeds carries: a version, ``b``, an action, whose list it is, and where it leads.

Nothing here is secret, but a list that anybody in a group could turn would be of use to nobody: it obeys who asked. Who
asked without a name, as a channel or as the group itself, cannot be told from others when they press: then anybody may.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from bot.conversation.answer_press import LIMIT_BYTES, VERSION, BadCallback
from core.breeds.catalogue import catalogue

BEGIN: Final = f"{VERSION}:b:"
ANYBODY: Final = 0
LAST_PAGE: Final = 99
_LAST_ID = 10**16  # https://core.telegram.org/bots/api#user: at most 52 bits
_FORM = re.compile(
    rf"{BEGIN}(?P<action>[a-z]):(?P<user>0|[1-9][0-9]{{0,15}})(?::(?P<slug>[a-z_]+)(?::(?P<page>[1-9]?[0-9]))?)?",
    re.ASCII,
)


class CatalogueAction(StrEnum):
    """What a press asks for; one letter, as the longest slug needs the room."""

    GROUPS = "g"
    PAGE = "p"  # of one group
    CARD = "c"


_ACTIONS = frozenset(action.value for action in CatalogueAction)


@dataclass(frozen=True, slots=True)
class CataloguePress:
    """One press. PAGE names a group and a page of it, CARD a breed, GROUPS neither. ``user_id``: whose, or `ANYBODY`.

    Raises:
        BadCallback: on creation, if the parts do not belong together, or the catalogue has no such breed or group.
    """

    action: CatalogueAction
    user_id: int
    slug: str | None = None
    page: int | None = None

    def __post_init__(self) -> None:
        known: dict[CatalogueAction, bool] = {
            CatalogueAction.GROUPS: self.slug is None,
            CatalogueAction.PAGE: self.slug in catalogue().groups,
            CatalogueAction.CARD: self.slug in catalogue(),
        }
        if not known[self.action] or (self.page is not None) != (self.action is CatalogueAction.PAGE):
            raise BadCallback(f"{self.slug!r}, page {self.page} does not go with action {self.action.value!r}")
        if not ANYBODY <= self.user_id < _LAST_ID or not 0 <= (self.page or 0) <= LAST_PAGE:
            raise BadCallback(f"user {self.user_id}, page {self.page}: out of range")

    def is_for(self, user_id: int) -> bool:
        """Whether this person may press it."""
        return self.user_id in {ANYBODY, user_id}

    def encode(self) -> str:
        """Write the data as ASCII, at most 64 bytes: ``1:b:p:4711:terriers:2``."""
        parts = [f"{BEGIN}{self.action}", self.user_id, self.slug, self.page]
        return ":".join(str(part) for part in parts if part is not None)

    @classmethod
    def parse(cls, data: str) -> Self:
        """Read what `encode` wrote.

        Raises:
            BadCallback: this version never wrote such a string.
        """
        form = _FORM.fullmatch(data)
        if form is None or form["action"] not in _ACTIONS:
            raise BadCallback(f"callback data {data[:LIMIT_BYTES]!r} was not written by version {VERSION}")
        page = int(form["page"]) if form["page"] is not None else None
        return cls(CatalogueAction(form["action"]), int(form["user"]), form["slug"], page)


def owner_of_list(user_id: int) -> int:
    """Whose list it is that this person, channel or group asks for."""
    return max(user_id, ANYBODY)
