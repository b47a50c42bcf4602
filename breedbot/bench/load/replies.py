"""What the bot says to a photo: its answer, or a word instead, told apart by what people see."""

from enum import StrEnum

from bot.sentences import ENGLISH
from bot.texts import say_plain
from sandbox import ChatMessage

_HOLE = "\N{WHITE SQUARE}"  # stands where a sentence is filled in
_MANY = 2


class Reply(StrEnum):
    """To one photo."""

    ANSWER = "answer"
    """What is on it."""
    LATER = "later"
    """Nothing was taken: there are too many photos just now."""
    SLOWER = "slower"
    """This person sends too many: they are answered one by one."""
    WAITING = "waiting"
    """The place in the line; the answer follows."""
    OTHER = "other"
    """An apology, or why there is no answer."""

    @property
    def final(self) -> bool:
        """Whether nothing follows."""
        return self not in {Reply.WAITING, Reply.SLOWER}


def kind_of(reply: ChatMessage) -> Reply:
    """Of a message to somebody whose language is English."""
    if reply.buttons:
        return Reply.ANSWER
    return next((kind for start, kind in _STARTS if reply.text.startswith(start)), Reply.OTHER)


def _start(key: str, **values: str | int) -> str:
    """A sentence up to the first thing that is filled in."""
    hole = _HOLE if _HOLE in values.values() else str(_MANY)
    return say_plain(ENGLISH, key, **values).partition(hole)[0]


_STARTS = (
    (_start("queue-next", wait=_HOLE), Reply.WAITING),
    (_start("queue-position", position=_HOLE, wait=_HOLE), Reply.WAITING),
    (_start("refusal-try-later", count=1), Reply.LATER),  # nothing to fill in: the whole of it
    (_start("refusal-try-later", count=_MANY), Reply.LATER),
    (_start("slow-down-user", limit=_HOLE, wait=_HOLE), Reply.SLOWER),
)
