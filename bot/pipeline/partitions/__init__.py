"""Which chats are ours, beside other bots on the same database."""
