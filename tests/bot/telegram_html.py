"""What Telegram accepts in parse_mode HTML (https://core.telegram.org/bots/api#html-style), as far as we use it."""

import re

ALLOWED = {"b", "i", "u", "s", "code", "pre", "a", "tg-spoiler", "blockquote"}
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-z-]+)(?P<attributes>[^<>]*)>")
_ENTITY = re.compile(r"&(lt|gt|amp|quot|#\d+|#x[0-9a-f]+);")


def problems(html: str) -> list[str]:
    """Why Telegram would refuse the text; empty if it would not."""
    found: list[str] = []
    open_tags: list[str] = []
    for tag in _TAG.finditer(html):
        name = tag["name"]
        if name not in ALLOWED:
            found.append(f"tag {tag[0]}")
        if tag["attributes"] and (name != "a" or not re.fullmatch(r' href="[^"]+"', tag["attributes"])):
            found.append(f"attributes {tag[0]}")
        if not tag["close"]:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            found.append(f"closes nothing {tag[0]}")
    text = _ENTITY.sub("", _TAG.sub("", html))
    found += [f"unescaped {sign}" for sign in "<>&" if sign in text]
    return found + [f"never closed <{name}>" for name in open_tags]
