"""parse_mode HTML: text with tags → plain text and entities, or Telegram's own complaint.

Rules: https://core.telegram.org/bots/api#html-style. Entities count UTF-16 code units, complaints count bytes.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.api.errors import BadRequest

Entity = dict[str, Any]

_TOKEN = re.compile(r"<(?P<close>/?)(?P<tag>[^\s<>/]*)(?P<rest>[^<>]*)>|(?P<stray><)|(?P<text>[^<]+)")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_TYPES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link", "tg-emoji": "custom_emoji",
}  # fmt: skip
_CLOSED = frozenset({"code", "pre", "text_link"})
# Telegram knows only these named references; others stay as they are written.
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#[xX][0-9a-fA-F]+);")


def utf16_length(text: str) -> int:
    """As JavaScript and Telegram count."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(slots=True)
class _Parser:
    text: str = ""
    offset: int = 0
    entities: list[Entity] = field(default_factory=list)
    open: list[tuple[str, Entity]] = field(default_factory=list)

    def add(self, text: str) -> None:
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
        self.text += text
        self.offset += utf16_length(text)

    def start(self, tag: str, rest: str, at: int) -> None:
        attributes = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(rest)}
        entity = _entity(tag, attributes, at)
        entity["offset"] = self.offset
        self.open.append((tag, entity))
        self.entities.append(entity)

    def end(self, tag: str, at: int) -> None:
        if not self.open:
            raise _unparsable(f"Unexpected end tag at byte offset {at}")
        expected, entity = self.open.pop()
        if tag not in {expected, ""}:
            raise _unparsable(f'Unmatched end tag at byte offset {at}, expected "</{expected}>", found "</{tag}>"')
        entity["length"] = self.offset - entity["offset"]


def parse(source: str) -> tuple[str, list[Entity]]:
    """Text without outer white space, and its entities. Raises BadRequest "can't parse entities: …"."""
    parser = _Parser()
    for token in _TOKEN.finditer(source):
        at = len(source[: token.start()].encode())
        if token["stray"]:
            raise _unparsable(f"Unclosed start tag at byte offset {at}")
        if token["text"]:
            parser.add(token["text"])
        elif token["close"]:
            parser.end(token["tag"].lower(), at)
        else:
            parser.start(token["tag"].lower(), token["rest"], at)
    if parser.open:
        tag = parser.open[-1][0]
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{tag}"')
    return strip(parser.text, [one for one in parser.entities if one.get("url", True)])


def strip(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Outer white space goes, entities move along."""
    left = len(text) - len(text.lstrip())
    stripped = text.strip()
    shift, end = utf16_length(text[:left]), utf16_length(stripped)
    moved = []
    for entity in entities:
        first = max(0, entity["offset"] - shift)
        last = min(end, entity["offset"] + entity["length"] - shift)
        if last > first:
            moved.append({**entity, "offset": first, "length": last - first})
    return stripped, moved


def _entity(tag: str, attributes: dict[str, str], at: int) -> Entity:
    if tag == "span" and attributes.get("class") == "tg-spoiler":
        return {"type": "spoiler"}
    if tag not in _TYPES:
        raise _unparsable(f'Unsupported start tag "{tag}" at byte offset {at}')
    if tag == "a":
        return {"type": "text_link", "url": attributes.get("href", "")}
    if tag == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": attributes.get("emoji-id", "")}
    if tag == "blockquote" and "expandable" in attributes:
        return {"type": "expandable_blockquote"}
    return {"type": _TYPES[tag]}


def _unparsable(why: str) -> BadRequest:
    return BadRequest(f"can't parse entities: {why}")


_COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?")
_MENTION = re.compile(r"(?<!\w)@[A-Za-z]\w{3,31}")
_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?')]")
_BY_ITSELF = (("url", _URL), ("bot_command", _COMMAND), ("mention", _MENTION))  # the earlier ones win


def entities_of_plain_text(text: str) -> list[Entity]:
    """What Telegram marks by itself: addresses, commands and mentions."""
    found: list[tuple[str, re.Match[str]]] = []
    for kind, pattern in _BY_ITSELF:
        taken = [one.span() for _, one in found]
        matches = pattern.finditer(text)
        found += [(kind, one) for one in matches if not any(first <= one.start() < last for first, last in taken)]
    found.sort(key=lambda pair: pair[1].start())
    return [
        {"type": kind, "offset": utf16_length(text[: one.start()]), "length": utf16_length(one[0])}
        for kind, one in found
    ]


def with_plain_entities(text: str, entities: list[Entity]) -> list[Entity]:
    """Those of tags, and what Telegram marks by itself between them and inside of them; never in code or links."""
    free = [one for one in entities_of_plain_text(text) if not any(_keeps_out(tag, one) for tag in entities)]
    return sorted([*entities, *free], key=lambda one: (one["offset"], -one["length"]))


def _keeps_out(tag: Entity, found: Entity) -> bool:
    first, last = tag["offset"], tag["offset"] + tag["length"]
    begin, end = found["offset"], found["offset"] + found["length"]
    apart, inside, around = (
        end <= first or last <= begin,
        first <= begin and end <= last,
        begin <= first and last <= end,
    )
    return not apart and (tag["type"] in _CLOSED or not (inside or around))
