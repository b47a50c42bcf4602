"""Claims of people about answers, and what became of them; for tests of everything that follows a claim."""

from stage import Stage, photo

from core.breeds.catalogue import catalogue
from db.chat.chat_records import Consent, ReviewRecord
from sandbox import ALICE, ChatMessage, Persona


async def answered(stage: Stage, who: Persona = ALICE, shade: int = 128) -> ChatMessage:
    """A photo of this person, who lets us learn from it, and the answer to it."""
    async with stage.database.unit() as unit:
        await unit.users.seen(who.id, None)
        await unit.consents.set(who.id, Consent.YES)
    sent = await stage.chat.send_photo(who, photo(shade))
    answer = await stage.chat.wait_for_reply(sent, lambda one: one.has_button("✅"))
    await stage.settled()
    return answer


async def became(stage: Stage, message: ChatMessage, button: str) -> ChatMessage:
    """The same message, once it has this button."""
    return await stage.chat.wait_for(
        lambda one: one.message_id == message.message_id and one.has_button(button), chat=message.chat_id
    )


async def corrected(stage: Stage, who: Persona = ALICE, breed: str = "bloodhound", shade: int = 128) -> ChatMessage:
    """A photo of this person, answered and corrected."""
    answer = await answered(stage, who, shade)
    await stage.chat.press(answer, "❌")
    name = catalogue()[breed].name(who.language_code)
    await stage.chat.press(await became(stage, answer, name), name)
    await became(stage, answer, "↩️")
    await stage.settled()
    return answer


async def confirmed(stage: Stage, who: Persona = ALICE, shade: int = 128) -> ChatMessage:
    """A photo of this person, answered and confirmed."""
    answer = await answered(stage, who, shade)
    await stage.chat.press(answer, "✅")
    await became(stage, answer, "↩️")
    await stage.settled()
    return answer


async def typed(stage: Stage, name: str, who: Persona = ALICE) -> ChatMessage:
    """A photo of this person, answered, and the results of a search for that name."""
    answer = await answered(stage, who)
    await stage.chat.press(answer, "❌")
    await stage.chat.press(await became(stage, answer, "🔎"), "🔎")
    await stage.settled()
    return await stage.chat.wait_for_reply(await stage.chat.send_text(who, name))


async def decisions(stage: Stage) -> list[tuple[str, str | None, str]]:
    """What was decided, oldest first: decision, breed, reviewer."""
    await stage.settled()
    async with stage.database.unit(read_only=True) as unit:
        found: list[ReviewRecord] = await unit.reviews.recent()
    return [(one.decision.value, one.breed, one.reviewer) for one in reversed(found)]


async def labels(stage: Stage) -> list[str | None]:
    """What was learnt: the labels of accepted claims."""
    await stage.settled()
    async with stage.database.unit(read_only=True) as unit:
        return [one.reviewed_breed or one.claimed_breed for one in await unit.feedback.accepted()]
