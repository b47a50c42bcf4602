"""Asking for an answer, and waiting for what a press makes of it."""

from stage import NAMED, Stage, photo

from sandbox import ALICE, ChatMessage


async def answered(stage: Stage, who: object = ALICE, chat: object = None) -> ChatMessage:
    """A photo of this person, and the answer to it."""
    sent = await stage.chat.send_photo(who, photo(), chat=chat, caption=NAMED if chat else "")  # type: ignore[arg-type]
    answer = await stage.chat.wait_for_reply(sent, lambda one: one.has_button("✅"))
    await stage.settled()
    return answer


async def became(stage: Stage, message: ChatMessage, button: str) -> ChatMessage:
    """The same message, once it has this button."""
    return await stage.chat.wait_for(
        lambda one: one.message_id == message.message_id and one.has_button(button), chat=message.chat_id
    )
