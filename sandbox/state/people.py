"""Who uses the local chat: personas in five languages, each with a chat with the bot, and two groups all are in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sandbox.api.errors import BadRequest

if TYPE_CHECKING:
    from sandbox.state.database import Database


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who writes to the bot. Their private chat has their own id, as in Telegram."""

    id: int
    first_name: str
    language_code: str

    @property
    def username(self) -> str:
        """Telegram name, used to find a persona by `?user=alice` too."""
        return self.first_name.lower().replace("é", "e").replace(" ", "_")

    def to_user(self) -> dict[str, Any]:
        """Bot API `User`."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "username": self.username,
            "language_code": self.language_code,
        }


# Ids above 2**32 are usual in Telegram today: code that keeps them in 32 bits fails here, not in production.
ALICE = Persona(5_100_000_001, "Alice", "en")
BRUNO = Persona(5_100_000_002, "Bruno", "fr")
CHLOE = Persona(5_100_000_003, "Chloé", "fr")
DAN = Persona(5_100_000_004, "Dan", "en")
EMIL = Persona(5_100_000_101, "Emil", "de")  # those before 101 may be somebody whom a test or a host has added
MARTA = Persona(5_100_000_102, "Marta", "es")
DAVI = Persona(5_100_000_103, "Davi", "pt-br")
PERSONAS = (ALICE, BRUNO, CHLOE, DAN, EMIL, MARTA, DAVI)


@dataclass(frozen=True, slots=True)
class Group:
    """A group chat; everybody is a member, and the bot in the Dog park only. `key`: how the page names it."""

    id: int
    title: str
    key: str


DOG_PARK = Group(-1_001_000_000_001, "Dog park", "group")
DOG_WALK = Group(-1_001_000_000_002, "Sunday walk", "walk")  # the bot may be asked there, as a guest
GROUPS = (DOG_PARK, DOG_WALK)
OWNER = ALICE  # of the group
ANONYMOUS = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


class People:
    """Looks up personas and chats; tests may add more people."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._people = {person.id: person for person in PERSONAS}
        for saved in database.value("people", []):
            self._people[saved["id"]] = Persona(**saved)
        self._blocked: set[int] = set(database.value("blocked", []))
        self._admins: set[int] = set(database.value("admins", []))
        self._topics: set[int] = set(database.value("topics", []))
        self._moderators: frozenset[int] = frozenset(database.value("moderators", []))

    def __iter__(self) -> Iterator[Persona]:
        return iter(self._people.values())

    def add(self, first_name: str, language_code: str) -> Persona:
        """A new person, kept over restarts; for load tests with many private chats."""
        person = Persona(max(self._people) + 1, first_name, language_code)
        self._people[person.id] = person
        added = [asdict(one) for one in self if one not in PERSONAS]
        self._database.set_value("people", added)
        return person

    def find(self, who: int | str | Persona | Group) -> Persona:
        """By id, name or itself. Raises LookupError."""
        if isinstance(who, Persona):
            who = who.id
        for person in self:
            if who in {person.id, person.username, person.first_name, str(person.id)}:
                return person
        raise LookupError(f"no such person: {who!r}; there are {', '.join(one.username for one in self)}")

    def chat_id(self, chat: int | str | Persona | Group) -> int:
        """Of a persona (their private chat), a group (also "group", "walk") or an id. Raises LookupError."""
        for group in GROUPS:
            if chat in {group, group.key, group.title, group.id, str(group.id)}:
                return group.id
        return self.find(chat).id

    def chat(self, chat_id: int) -> dict[str, Any]:
        """Bot API `Chat`. Raises BadRequest "chat not found"."""
        for group in GROUPS:
            if chat_id == group.id:
                forum = {"is_forum": True} if self._topics and group is DOG_PARK else {}
                return {"id": chat_id, "type": "supergroup", "title": group.title, **forum}
        person = self._people.get(chat_id)
        if person is None:
            raise BadRequest("chat not found")
        return {"id": chat_id, "type": "private", "first_name": person.first_name, "username": person.username}

    def members(self, chat_id: int) -> frozenset[int]:
        """Ids of the people who see the chat."""
        return frozenset(self._people) if any(chat_id == one.id for one in GROUPS) else frozenset({chat_id})

    def has_bot(self, chat_id: int) -> bool:
        """Whether the bot is in the chat."""
        return chat_id != DOG_WALK.id

    def status(self, user_id: int) -> str:
        """In the group: "creator", "administrator" or "member"."""
        if user_id == OWNER.id:
            return "creator"
        return "administrator" if user_id in self._admins else "member"

    def set_admin(self, user_id: int, *, admin: bool) -> None:
        """Whether this person, or the bot, is an admin of the group."""
        self._admins = self._admins | {user_id} if admin else self._admins - {user_id}
        self._database.set_value("admins", sorted(self._admins))

    @property
    def moderators(self) -> frozenset[int]:
        """Ids of those whom the page has made moderators of the bot."""
        return self._moderators

    def set_moderator(self, user_id: int, *, moderator: bool) -> None:
        """Whether this person is one, if the bot asks (`LocalChat.with_moderators`)."""
        self._moderators = self._moderators | {user_id} if moderator else self._moderators - {user_id}
        self._database.set_value("moderators", sorted(self._moderators))

    def set_topic(self, thread_id: int, *, there: bool) -> None:
        """Whether the group, a forum then, has this topic."""
        self._topics = self._topics | {thread_id} if there else self._topics - {thread_id}
        self._database.set_value("topics", sorted(self._topics))

    def has_topic(self, chat_id: int, thread_id: int) -> bool:
        """Whether messages can be sent there."""
        return chat_id == DOG_PARK.id and thread_id in self._topics

    def block(self, person: Persona, *, blocked: bool) -> None:
        """Whether the bot may write to this person."""
        self._blocked = self._blocked | {person.id} if blocked else self._blocked - {person.id}
        self._database.set_value("blocked", sorted(self._blocked))

    def has_blocked(self, chat_id: int) -> bool:
        """Whether writing to this private chat is refused."""
        return chat_id in self._blocked
