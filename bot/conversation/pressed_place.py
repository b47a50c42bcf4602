"""Where a button about an answer was pressed."""

from bot.telegram.update import ChatUpdate
from db.chat.chat_records import PredictionRecord


def pressed_place(update: ChatUpdate, prediction: PredictionRecord) -> tuple[int, int] | None:
    """Chat and message of the pressed button, if that message is about this prediction.

    A forged press can name any message of ours, somebody else's answer for one: that one must not change.
    """
    message = update.message
    if message is None or message.reply_markup is None:
        return None
    buttons = (button for row in message.reply_markup.inline_keyboard for button in row)
    if not any(f":{prediction.token}" in str(button.callback_data) for button in buttons):
        return None
    return update.chat_id, message.message_id
