"""Who sent which photo and what came back: nothing lost, and each answer that came twice has its reason. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic
from typing import Self

from breedbot.bench.load.replies import Reply, kind_of
from sandbox import ChatMessage

MARKED_S = 3.0  # a bot that lives so long after its answer went out has noted that it did

Key = tuple[int, int]  # chat, message


@dataclass(frozen=True, slots=True)
class Heard:
    """A final reply to a photo."""

    message: Key
    kind: Reply
    at_s: float


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Answers to photos that had one already, by why the bot could not know.

    Attributes:
        cut: the connection was cut after Telegram had done what was asked.
        killed: the bot was killed, frozen or cut off between that and its note that it was done.
        unexplained: neither; a fault of ours.
    """

    cut: int = 0
    killed: int = 0
    unexplained: int = 0

    def plus(self, other: Self) -> Self:
        """Both together."""
        return type(self)(self.cut + other.cut, self.killed + other.killed, self.unexplained + other.unexplained)


@dataclass(slots=True)
class Ledger:
    """Kept on Telegram's side. Times are the clock's, in seconds."""

    clock: Callable[[], float] = monotonic
    sent: dict[Key, float] = field(default_factory=dict)
    heard: dict[Key, list[Heard]] = field(default_factory=dict)
    kills: list[tuple[float, float]] = field(default_factory=list)

    def sends(self, message: ChatMessage) -> None:
        """Somebody has sent a photo."""
        self.sent[message.chat_id, message.message_id] = self.clock()

    def hears(self, message: ChatMessage) -> None:
        """The bot has written something, or changed it."""
        if not message.from_bot or message.reply_to_id is None or message.edited:
            return
        photo, kind = (message.chat_id, message.reply_to_id), kind_of(message)
        if photo in self.sent and kind.final:
            heard = Heard((message.chat_id, message.message_id), kind, self.clock())
            self.heard.setdefault(photo, []).append(heard)

    def killed(self, lasts_s: float = 0.0) -> None:
        """A bot was killed, frozen, or cut off from its database, which it may go on for so long before it notices."""
        self.kills.append((self.clock(), self.clock() + lasts_s))

    def forget(self) -> None:
        """What was sent and heard until now; another part of the measurement begins."""
        self.sent.clear()
        self.heard.clear()

    @property
    def silent(self) -> int:
        """Photos without a final reply."""
        return len(self.sent) - len(self.heard)

    def kinds(self) -> Counter[Reply]:
        """Of the first final reply to each photo."""
        return Counter(replies[0].kind for replies in self.heard.values())

    def waits_s(self, kind: Reply = Reply.ANSWER) -> list[float]:
        """From sending until the first final reply, where it is of this kind."""
        first = ((photo, replies[0]) for photo, replies in self.heard.items())
        return [reply.at_s - self.sent[photo] for photo, reply in first if reply.kind is kind]

    def duplicates(self, unheard: Collection[Key]) -> Duplicates:
        """`unheard`: messages of whose success the bot was not told."""
        found: Counter[str] = Counter()
        for replies in self.heard.values():
            for earlier, later in pairwise(replies):
                found[self._why(earlier, later, unheard)] += 1
        return Duplicates(**found)

    def _why(self, earlier: Heard, later: Heard, unheard: Collection[Key]) -> str:
        if earlier.message in unheard:
            return "cut"
        marked_s = min(later.at_s, earlier.at_s + MARKED_S)
        killed = any(earlier.at_s <= end and begin <= marked_s for begin, end in self.kills)
        return "killed" if killed else "unexplained"


def keys_of(results: Iterable[object]) -> set[Key]:
    """The messages among results of Bot API calls."""
    messages = (one for one in results if isinstance(one, dict) and "message_id" in one)
    return {(one["chat"]["id"], one["message_id"]) for one in messages}
