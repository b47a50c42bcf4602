"""/breeds: the groups, the breeds of a group page by page, and each one's card."""

from collections.abc import Sequence

from bot.conversation.breeds.card import card_text
from bot.conversation.breeds.known import Known, breed_count
from bot.conversation.breeds.press import BreedsAction, BreedsPress
from bot.conversation.compare.view import compare_buttons
from bot.telegram.message import Button, View, two_a_row
from bot.texts import Html, page_heading, say, say_plain
from core.breeds.catalogue import MIXED_BREED, Breed, catalogue, plain

ON_PAGE = 10
MATCHES = 6


def breed_groups(user_id: int, language: str, known: Known = None, *, inline: bool) -> View:
    """How many breeds there are, how many can be told from a photo; and which group?

    ``inline``: whether breeds can be searched by typing after the bot's name.
    """
    counts = {group: len(_members(group, language)) for group in catalogue().groups}
    groups = [
        BreedsPress(BreedsAction.PAGE, user_id, group, 0).button(
            f"{say_plain(language, f'button-group-{_key(group)}')} · {count}"
        )
        for group, count in counts.items()
        if count
    ]
    rows = two_a_row(groups)
    if inline:
        rows = ((Button(say_plain(language, "button-search"), find=""),), *rows)
    text = say(language, "breeds-groups", count=breed_count())
    if known is not None:
        text = Html(f"{text}\n\n{say(language, 'breeds-known', count=len(known))}")
    return View(text, rows)


def group_page(group: str, page: int, user_id: int, language: str, known: Known = None) -> View:
    """Ten breeds of a group, ✓ those that can be told from a photo.

    A page beyond the last is the last: breeds come and go while a list is open.
    """
    members = _members(group, language)
    last = max(0, (len(members) - 1) // ON_PAGE)
    page = min(page, last)
    breeds = members[page * ON_PAGE : (page + 1) * ON_PAGE]
    name = catalogue().groups[group].name(language)
    text = page_heading(say(language, "breeds-page", group=name, count=len(members)), page, last + 1, language)
    turns = tuple(
        BreedsPress(BreedsAction.PAGE, user_id, group, to).button(say_plain(language, key))
        for key, to in (("button-previous", page - 1), ("button-next", page + 1))
        if 0 <= to <= last
    )
    if known is not None:
        text = Html(f"{text}\n{say(language, 'breeds-page-known', count=sum(one.slug in known for one in members))}")
    rows = (*_card_buttons(breeds, user_id, language, known), turns, (_to_groups(user_id, language),))
    return View(text, tuple(row for row in rows if row))


def breed_card(
    breed: Breed, user_id: int, language: str, known: Known = None, *, inline: bool, others: Sequence[Breed] = ()
) -> View:
    """The card, and whether the breed can be told from a photo.

    ``inline``: whether it can be shared by inline mode; ``others``: breeds that may have been meant, too.
    """
    page = [one.slug for one in _members(breed.group, language)].index(breed.slug) // ON_PAGE
    back = BreedsPress(BreedsAction.PAGE, user_id, breed.group, page).button(say_plain(language, "button-back"))
    share = (Button(say_plain(language, "button-share"), share=breed.name(language)),) if inline else ()
    text = card_text(breed.slug, language)
    if known is not None and breed.slug != MIXED_BREED:
        text = Html(f"{text}\n{say(language, 'card-known' if breed.slug in known else 'card-unknown')}")
    compared = compare_buttons(breed.slug, user_id, language)
    if compared:
        text = Html(f"{text}\n{say(language, 'card-compare')}")
    return View(text, (*_card_buttons(others, user_id, language, known), *compared, (back, *share)))


def breed_matches(query: str, found: Sequence[Breed], user_id: int, language: str, known: Known = None) -> View:
    """The breeds that a typed name may mean, or the news that none does."""
    text = say(language, "breeds-found" if found else "search-nothing", query=query)
    return View(text, (*_card_buttons(found[:MATCHES], user_id, language, known), (_to_groups(user_id, language),)))


def breeds_named(found: Sequence[Breed], user_id: int, language: str) -> View:
    """Somebody typed a name where a photo was expected: what to send, and the cards that may be meant."""
    return View(say(language, "breeds-named"), _card_buttons(found[:MATCHES], user_id, language))


def _members(group: str, language: str) -> list[Breed]:
    breeds = [breed for breed in catalogue().values() if breed.group == group]
    return sorted(breeds, key=lambda breed: plain(breed.name(language)))


def _card_buttons(
    breeds: Sequence[Breed], user_id: int, language: str, known: Known = None
) -> tuple[tuple[Button, ...], ...]:
    return two_a_row(
        [
            BreedsPress(BreedsAction.CARD, user_id, breed.slug).button(
                f"✓ {breed.name(language)}" if known and breed.slug in known else breed.name(language)
            )
            for breed in breeds
        ]
    )


def _to_groups(user_id: int, language: str) -> Button:
    return BreedsPress(BreedsAction.GROUPS, user_id).button(say_plain(language, "button-groups"))


def _key(group: str) -> str:
    return group.replace("_", "-")
