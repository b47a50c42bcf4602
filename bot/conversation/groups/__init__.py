"""When the bot speaks in a group, and /watch."""
