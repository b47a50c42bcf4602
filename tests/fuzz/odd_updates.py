"""Raw updates: as Telegram sends them, as it may send them one day, and as nobody ever should.

update = odd_update(random.Random(7))      # the same seed is the same update

Made by dice of our own: Hypothesis needs 14 ms for one of these, this a third of one. Most have the shape of real ones,
so that they come far; some are then damaged somewhere. `FILE` and `TOKEN` stand for a file and a button that exist when
the update is delivered.
"""

import random
from collections.abc import Callable
from typing import Any, Final

from bot.conversation.answer.press import Action
from bot.conversation.breeds.press import BreedsAction
from bot.conversation.menu import COMMANDS, MODERATOR_COMMANDS
from bot.conversation.moderation.press import ReviewAction
from bot.conversation.personal.press import OwnAction
from bot.conversation.privacy.press import PrivacyAction
from core.breeds.catalogue import catalogue
from sandbox import ALICE, BRUNO, CHLOE, DAN, DOG_PARK

FILE, TOKEN = "FILE-THAT-EXISTS", "TOKENTOKEN00"
Json = dict[str, Any]
Dice = random.Random

PEOPLE: Final = (ALICE.id, BRUNO.id, CHLOE.id, DAN.id)
FAR: Final = (-(2**63), -(2**31), -1, 0, 2**31, 2**53, 2**63 - 1, 2**63, 2**70, -(10**13))
NASTY: Final = (
    "", " ", "\x00", "\ud800", "a\x00b", "\u202egnol", "\u200b", "<b>", "&amp;", "{name}", "%s%n",
    "’; DROP TABLE jobs;--",
    "İ" * 50, "ß" * 200, "🐕" * 300, "x" * 5000, "\n" * 300, "/", "/@", "@breedbot_local_bot", "1:", "é" * 100,
    "𓃡" * 90,
    "a" * 300 + "/" * 300, "null", "\u0301" * 900, "../../etc/passwd", "🏳️‍🌈👨‍👩‍👧‍👦" * 40, "<a href='tg://user?id=1'>",
)  # fmt: skip
SLUGS: Final = (*sorted(catalogue()), *["beagle", "basset_hound"] * 40)
NAMES: Final = (
    "Beagle",
    "golden retreiver",
    "épagneul",
    "chien",
    "Bouvier bernois",
    "@breedbot_local_bot beagle",
    "2",
    "no",
)
LETTERS: Final = "aeirst bdou éßİ🐕\n\t<>&\"'/@:_0\u202e\u200d\u0301𓃡"
ALL_COMMANDS: Final = (*COMMANDS, *MODERATOR_COMMANDS, "start", "unban", "consent", "dance", "")


def odd_update(dice: Dice) -> Json:
    """An update; one in four is damaged in one place or several."""
    update: Json = dice.choices(_KINDS, _WEIGHTS)[0](dice)
    if dice.random() < 0.25:
        for _ in range(dice.randint(1, 3)):
            _damage(update, dice)
    return update


def words(dice: Dice) -> str:
    """Something that somebody wrote."""
    kind = dice.randrange(10)
    if kind < 3:
        return dice.choice(NAMES)
    if kind < 5:
        return dice.choice(SLUGS)
    if kind < 7:
        return dice.choice(NASTY)
    return "".join(dice.choices(LETTERS, k=dice.randrange(60)))


def number(dice: Dice, usual: int = 300) -> int:
    """Mostly a usual one."""
    return dice.choice(FAR) if dice.random() < 0.03 else dice.randrange(usual)


def _command(dice: Dice) -> str:
    name = dice.choice(("", "", "", "@breedbot_local_bot", "@other_bot"))
    said = f"/{dice.choice(ALL_COMMANDS)}{name} {words(dice) if dice.random() < 0.5 else ''}"
    return said if dice.random() < 0.5 else said.strip()


def _some(dice: Dice, share: float, about: Json, **more: Callable[[Dice], Any]) -> Json:
    """With each of these, sometimes."""
    return about | {name: make(dice) for name, make in more.items() if dice.random() < share}


def _user(dice: Dice) -> Json:
    person = dice.choice(PEOPLE) if dice.random() < 0.95 else number(dice, 10**10)
    user = {"id": person, "is_bot": dice.random() < 0.05, "first_name": words(dice)}
    language = dice.choice(("en", "fr", "fr-CA", "pt-br", "zz", words(dice)))
    return _some(dice, 0.3, user, language_code=lambda _: language, username=words, last_name=words)


def _chat(dice: Dice) -> Json:
    if dice.random() < 0.6:
        return {"id": DOG_PARK.id, "type": "supergroup", "title": "Dog park"}
    kind = dice.choice(("private", "group", "supergroup", "channel", "sender", ""))
    chat_id = dice.choice((dice.choice(PEOPLE), -number(dice, 10**12), DOG_PARK.id))
    return _some(dice, 0.3, {"id": chat_id, "type": kind}, title=words, is_forum=lambda _: True)


def _file(dice: Dice) -> Json:
    file_id = FILE if dice.random() < 0.8 else words(dice)
    return _some(dice, 0.5, {"file_id": file_id, "file_unique_id": words(dice)}, file_size=lambda d: number(d, 10**6))


def _sized(dice: Dice) -> Json:
    return _file(dice) | {"width": number(dice, 3000), "height": number(dice, 3000)}


def _named(dice: Dice) -> Json:
    name = dice.choice(("dog.jpg", "dog.HEIC", "dog.gif", "a.pdf", ".jpg", "dog.mp4", words(dice)))
    mime = dice.choice(("image/jpeg", "image/heic", "video/mp4", "application/pdf", words(dice)))
    return _file(dice) | {"file_name": name, "mime_type": mime}


def _moving(dice: Dice) -> Json:
    return _sized(dice) | {"duration": number(dice), "length": 100}


def _sticker(dice: Dice) -> Json:
    flags = {"is_animated": dice.random() < 0.3, "is_video": dice.random() < 0.3}
    return _sized(dice) | {"type": "regular"} | flags


def _entities(dice: Dice) -> list[Json]:
    kinds = ("bot_command", "mention", "text_mention", "url", "bold", "custom_emoji", "?")
    return [
        _some(
            dice, 0.3, {"type": dice.choice(kinds), "offset": number(dice, 30), "length": number(dice, 30)}, user=_user
        )
        for _ in range(dice.randrange(3))
    ]


def _text(dice: Dice) -> Json:
    text = _command(dice) if dice.random() < 0.5 else words(dice)
    return _some(dice, 0.3, {"text": text}, entities=_entities)


_CONTENTS: Final[tuple[Callable[[Dice], Json], ...]] = (
    _text,
    _text,
    _text,
    lambda dice: {"photo": [_sized(dice) for _ in range(dice.randrange(4))]},
    lambda dice: {"photo": [_sized(dice)]},
    lambda dice: {"document": _named(dice)},
    lambda dice: {"sticker": _sticker(dice)},
    lambda dice: {"animation": _moving(dice), "document": _named(dice)},
    lambda dice: {"video": _moving(dice)},
    lambda dice: {"video_note": _moving(dice)},
    lambda dice: {"voice": _moving(dice)},
    lambda dice: {"audio": _moving(dice)},
    lambda dice: {"contact": {"phone_number": words(dice), "first_name": words(dice)}},
    lambda dice: {"location": {"latitude": 1.0, "longitude": 2.0}},
    lambda dice: {"dice": {"emoji": "🎲", "value": number(dice, 6)}},
    lambda dice: {"new_chat_members": [_user(dice)]},
    lambda dice: {"left_chat_member": _user(dice)},
    lambda dice: {"migrate_to_chat_id": number(dice)},
    lambda dice: {"pinned_message": {"message_id": 1, "date": 0, "chat": _chat(dice)}},
    lambda dice: {words(dice): _leaf(dice)},  # of a kind that there is not, yet
)


def _message(dice: Dice, replies: int = 1) -> Json:
    """A message from somebody, mostly in their own chat or in the group."""
    user = _user(dice)
    chat = {"id": user["id"], "type": "private"} if dice.random() < 0.7 else _chat(dice)
    message = {"message_id": number(dice, 400), "date": 1_700_000_000 + number(dice, 10**8), "chat": chat}
    if dice.random() < 0.97:
        message["from"] = user
    message |= dice.choice(_CONTENTS)(dice)
    if replies and dice.random() < 0.2:
        message["reply_to_message"] = _message(dice, replies - 1)
    return _some(
        dice, 0.08, message,
        caption=words, caption_entities=_entities, media_group_id=lambda d: d.choice(("1", "2", "3", words(d))),
        sender_chat=_chat, is_topic_message=lambda _: True, message_thread_id=number, author_signature=words,
        via_bot=_user,
        edit_date=number, has_media_spoiler=lambda _: True, is_automatic_forward=lambda _: True, reply_markup=_keyboard,
        quote=lambda _: {"text": "x", "position": 0},
        forward_origin=lambda d: {"type": "user", "date": 1, "sender_user": _user(d)},
        external_reply=lambda d: {
            "origin": {"type": "hidden_user", "date": 1, "sender_user_name": words(d)}, "photo": [_sized(d)]
        },
    )  # fmt: skip


def button(dice: Dice) -> str:
    """What a button carries: of ours, with anything in it."""
    person, slug, page = dice.choice(PEOPLE), dice.choice(SLUGS), number(dice, 12)
    kind = dice.randrange(9)
    if kind < 4:
        action = dice.choice(list(Action)).value
        return f"1:{action}:{TOKEN}" + (f":{slug}" if action in {"pick", "of"} or dice.random() < 0.1 else "")
    return (
        f"1:r:{dice.choice(list(ReviewAction)).value}:{page}{dice.choice(('', ':' + slug))}",
        f"1:own:{dice.choice(list(OwnAction)).value}:{person}{dice.choice(('', f':{page}', ':fr', ':auto'))}",
        f"1:may:{dice.choice(list(PrivacyAction)).value}:{person}{dice.choice(('', ':' + TOKEN))}",
        f"1:b:{dice.choice(list(BreedsAction)).value}:{person}{dice.choice(('', f':{slug}', f':{slug}:{page}'))}",
        words(dice),
    )[kind - 4]


def _keyboard(dice: Dice) -> Json:
    return {"inline_keyboard": [[{"text": "x", "callback_data": button(dice)}]]}


def _press(dice: Dice) -> Json:
    """A press on a button of ours, of somebody else's, or of nobody's."""
    user = _user(dice)
    query: Json = {"id": str(number(dice, 10**9)), "from": user, "chat_instance": "1", "data": button(dice)}
    where = dice.randrange(12)
    if where == 0:
        query["inline_message_id"] = words(dice)
    elif where == 1:
        query["message"] = {"message_id": number(dice), "date": 0, "chat": _chat(dice)}
    elif where > 2:
        query["message"] = _message(dice) | {"reply_markup": _keyboard(dice)}
        if dice.random() < 0.8:
            query["message"]["chat"] = {"id": user["id"], "type": "private"}
    return {"callback_query": query}


def _inline(dice: Dice) -> Json:
    query = {
        "id": str(number(dice)),
        "from": _user(dice),
        "query": words(dice),
        "offset": dice.choice(("", words(dice))),
    }
    return {"inline_query": query}


def _member(dice: Dice) -> Json:
    statuses = ("member", "left", "kicked", "x")
    old, new = ({"user": _user(dice), "status": dice.choice(statuses), "until_date": 0} for _ in range(2))
    return {
        "my_chat_member": {"chat": _chat(dice), "from": _user(dice), "date": 1}
        | {"old_chat_member": old, "new_chat_member": new}
    }


def _guest(dice: Dice) -> Json:
    """Our name in a chat that we are not in, mostly as a reply to a photo."""
    message = _message(dice) | {"guest_query_id": str(number(dice, 10**9)), "chat": _chat(dice)}
    if dice.random() < 0.7:
        mention = {"type": "mention", "offset": 0, "length": 19}
        message |= {"text": "@breedbot_local_bot", "entities": [mention]}
        message["reply_to_message"] = _message(dice) | {"photo": [_sized(dice)]}
    return {"guest_message": message}


def _reaction(dice: Dice) -> Json:
    """👍, 👎 and others on messages of ours and of nobody."""
    user = _user(dice)
    chat = {"id": user["id"], "type": "private"} if dice.random() < 0.7 else _chat(dice)
    change = {"chat": chat, "message_id": number(dice, 400), "date": 1}
    old, new = ([_emoji(dice) for _ in range(dice.randrange(3))] for _ in range(2))
    who = {"user": user} if dice.random() < 0.9 else {"actor_chat": _chat(dice)}
    return {"message_reaction": change | who | {"old_reaction": old, "new_reaction": new}}


def _emoji(dice: Dice) -> Json:
    kinds = ({"type": "emoji", "emoji": dice.choice(("👍", "👎", "🔥", words(dice)))}, {"type": "paid"}, {"type": "?"})
    return dice.choices(kinds, (8, 1, 1))[0]


_KINDS: Final = (
    lambda dice: {"message": _message(dice)},
    _press,
    lambda dice: {"channel_post": _message(dice)},
    _inline,
    _member,
    lambda dice: {"edited_message": _message(dice)},
    _guest,
    _reaction,
)
_WEIGHTS: Final = (50, 35, 4, 5, 3, 1, 4, 4)


def _leaf(dice: Dice) -> Any:
    return dice.choice(
        (None, True, number(dice), 0.5, float("1e300"), words(dice), {}, [], [[]], [None], {"id": words(dice)})
    )


def _damage(node: Any, dice: Dice) -> None:
    """Walk down to some place and put something else there, or nothing."""
    places: list[Any] = (
        list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    )
    if not places:
        return
    place = dice.choice(places)
    if isinstance(node[place], dict | list) and dice.random() < 0.85:
        _damage(node[place], dice)
    elif dice.random() < 0.5:
        node[place] = _leaf(dice)
    else:
        del node[place]
