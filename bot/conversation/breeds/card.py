"""What there is to know about a breed, on one card."""

from collections.abc import Iterator

from babel import Locale
from babel.lists import format_list

from bot.conversation.breeds.breed_name import breed_name
from bot.texts import Html, pick, say
from core.breeds.catalogue import MIXED_BREED, Breed, catalogue
from core.breeds.facts import BreedFacts, Range, breed_facts


def card_text(slug: str, language: str) -> Html:
    """Name, group, origin, size and temperament; of a breed that a host added, name and group."""
    lines = [say(language, "card-name", breed=breed_name(slug, language))]
    if slug == MIXED_BREED:
        return Html("\n".join([*lines, say(language, "card-mixed")]))
    breed = catalogue().get(slug)
    if breed is not None:
        lines += _lines(breed, language)
    return Html("\n".join(lines))


def card_summary(breed: Breed, language: str) -> str:
    """The same in a few plain words, for a list of results."""
    facts = breed_facts(breed.slug)
    parts = [catalogue().groups[breed.group].name(language)]
    if facts is not None and facts.origin:
        parts.append(origin(facts, language))
    return " · ".join(parts)


def origin(facts: BreedFacts, language: str) -> str:
    """The countries, as they stand in a sentence."""
    locale = Locale.parse(pick(language, None))
    return format_list([locale.territories[code] for code in facts.origin], locale=locale)


def _lines(breed: Breed, language: str) -> Iterator[Html]:
    yield say(language, "card-group", group=catalogue().groups[breed.group].name(language))
    facts = breed_facts(breed.slug)
    if facts is None:
        return
    if facts.origin:
        yield say(language, "card-origin", origin=origin(facts, language))
    yield _size(facts, language)
    yield say(language, "card-temperament", temperament=facts.temperament(language))


def _size(facts: BreedFacts, language: str) -> Html:
    """``📏 Large · 63–74 cm · 23–27 kg``: as much of it as is known."""
    measures = [say(language, f"size-{facts.size}")]
    if facts.height_cm is not None:
        measures.append(say(language, "card-height", **_ends(facts.height_cm)))
    if facts.weight_kg is not None:
        measures.append(say(language, "card-weight", **_ends(facts.weight_kg)))
    return say(language, "card-size", size=Html(" · ".join(measures)))


def _ends(measured: Range) -> dict[str, float]:
    return {"lowest": measured.lowest, "highest": measured.highest}
