"""/stats: what the community taught the bot."""

from bot.conversation.breeds.breed_name import breed_name
from bot.telegram.message import View
from bot.texts import Html, day, say
from core.breeds.catalogue import MIXED_BREED, NOT_A_DOG
from db.chat.chat_records import ModelVersionRecord
from db.learning.learning_records import CommunityStats

MOST = 5
_NO_BREEDS = frozenset({NOT_A_DOG, MIXED_BREED})


def stats(community: CommunityStats, champion: ModelVersionRecord | None, language: str) -> View:
    """Numbers, the breeds that were taught most, and the model that answers."""
    parts = [say(language, "stats-head"), _numbers(community, language)]
    if community.waiting:
        parts.append(say(language, "stats-waiting", count=community.waiting))
    if champion is not None:
        since = day(champion.promoted_at or champion.created_at, language)
        parts.append(say(language, "stats-model", model=champion.model_id, since=since))
    return View("\n\n".join(parts))


def _numbers(community: CommunityStats, language: str) -> Html:
    if not community.accepted:
        return say(language, "stats-none-now" if community.waiting or community.models else "stats-none")
    breeds = [(breed, accepted) for breed, accepted in community.breeds if breed not in _NO_BREEDS]
    numbers = say(
        language,
        "stats-numbers",
        accepted=community.accepted,
        corrections=community.corrections,
        confirmations=community.accepted - community.corrections,
        people=community.people,
        breeds=len(breeds),
        models=community.models,
    )
    if not breeds:
        return numbers
    named = [
        say(language, "stats-breed", breed=breed_name(breed, language), accepted=count)
        for breed, count in breeds[:MOST]
    ]
    return Html(f"{numbers}\n\n{say(language, 'stats-most', breeds=Html(', '.join(named)))}")
