"""The methods of the Bot API, as Telegram answers them."""
