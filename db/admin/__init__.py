"""For those who run the bot: numbers, console sessions, copies of the database."""
