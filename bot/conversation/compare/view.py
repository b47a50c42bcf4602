"""What tells two breeds apart: in size, as kennel clubs measure it, and to the model, as its features do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.breeds.card import origin
from bot.conversation.breeds.press import BreedsAction, BreedsPress
from bot.conversation.compare.press import compare_press
from bot.telegram.message import Button, View, two_a_row
from bot.texts import Html, say, say_plain
from core.breeds.catalogue import MIXED_BREED, catalogue
from core.breeds.facts import Range, breed_facts
from core.breeds.look_alikes import look_alike, look_alikes

OFFERED: Final = 6


@dataclass(frozen=True, slots=True)
class _Measure:
    """Attributes: sentences where one has more, where both have about as much, and for one's range; and how many times
    the other's middle is more.
    """

    unlike: str
    alike: str
    range: str
    more: float


_HEIGHT: Final = _Measure("compare-height", "compare-height-alike", "card-height", 1.07)
_WEIGHT: Final = _Measure("compare-weight", "compare-weight-alike", "card-weight", 1.15)


def comparison(one: str, other: str, user_id: int, language: str) -> View:
    """Both, and the way to the card of each. ``user_id``: whose it is, see `BreedsPress`."""
    cards = tuple(
        BreedsPress(BreedsAction.CARD, user_id, slug).button(f"📖 {breed_name(slug, language)}")
        for slug in (one, other)
    )
    return View(comparison_text(one, other, language), (cards,))


def comparison_text(one: str, other: str, language: str) -> Html:
    """Whether they look alike, what differs, and what is to be said of each. Takes two slugs."""
    head = say(language, "compare-head", breed=breed_name(one, language), other=breed_name(other, language))
    told_apart = "\n".join([head, _looks(one, other, language), *_differences(one, other, language)])
    return Html("\n\n".join([told_apart, *filter(None, (_about(slug, language) for slug in (one, other)))]))


def compare_with(slug: str, user_id: int, language: str) -> View:
    """One breed was named: breeds that look like it, to choose the other from."""
    rows = compare_buttons(slug, user_id, language)
    key = "compare-with" if rows else "compare-with-which"
    return View(say(language, key, breed=breed_name(slug, language)), rows)


def compare_how(unknown: Sequence[str], language: str) -> View:
    """How it is asked for, and what was not understood."""
    told = [say(language, "compare-unknown", query=name) for name in unknown]
    return View("\n\n".join([*told, say(language, "compare-how")]))


def compare_buttons(slug: str, user_id: int, language: str) -> tuple[tuple[Button, ...], ...]:
    """To comparisons with breeds that look alike, those of the same group first."""
    group = catalogue()[slug].group
    alike = [catalogue()[other] for other in look_alikes(slug) if other in catalogue()]
    nearest = sorted(alike, key=lambda breed: (breed.group != group, breed.name(language)))[:OFFERED]
    return two_a_row(
        [
            compare_press(slug, breed.slug, user_id).button(
                say_plain(language, "button-compare-with", breed=breed.name(language))
            )
            for breed in nearest
        ]
    )


def _looks(one: str, other: str, language: str) -> Html:
    if MIXED_BREED in {one, other}:
        return say(language, "compare-mixed")
    alike = look_alike(one, other)
    return say(language, "compare-unseen" if alike is None else "compare-alike" if alike else "compare-unlike")


def _differences(one: str, other: str, language: str) -> Iterator[Html]:
    first, second = breed_facts(one), breed_facts(other)
    if first is None or second is None:
        return
    if first.height_cm is not None and second.height_cm is not None:
        yield _measured(_HEIGHT, (one, first.height_cm), (other, second.height_cm), language)
    if first.weight_kg is not None and second.weight_kg is not None:
        yield _measured(_WEIGHT, (one, first.weight_kg), (other, second.weight_kg), language)


def _measured(measure: _Measure, one: tuple[str, Range], other: tuple[str, Range], language: str) -> Html:
    """Who is the taller or heavier one, by the middle of what is usual."""
    if sum(other[1]) > sum(one[1]) * measure.more:
        one, other = other, one
    (more, large), (less, small) = one, other
    return say(
        language,
        measure.unlike if sum(large) > sum(small) * measure.more else measure.alike,
        breed=breed_name(more, language),
        other=breed_name(less, language),
        measure=say(language, measure.range, lowest=large.lowest, highest=large.highest),
        other_measure=say(language, measure.range, lowest=small.lowest, highest=small.highest),
    )


def _about(slug: str, language: str) -> Html | None:
    """What the card says of it beside its size."""
    breed, facts = catalogue().get(slug), breed_facts(slug)
    if breed is None or slug == MIXED_BREED:
        return None
    lines = [say(language, "compare-name", breed=breed.name(language))]
    lines.append(say(language, "card-group", group=catalogue().groups[breed.group].name(language)))
    if facts is not None and facts.origin:
        lines.append(say(language, "card-origin", origin=origin(facts, language)))
    if facts is not None:
        lines.append(say(language, "card-temperament", temperament=facts.temperament(language)))
    return Html("\n".join(lines))
