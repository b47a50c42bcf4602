"""Where the bot is a guest: it is named in a chat that it is not in, and answers there once."""
