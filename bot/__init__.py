"""The Telegram side: intake, conversation, delivery, web endpoints and the local chat."""
