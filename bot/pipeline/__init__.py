"""The way of an update and of a photo through the bot, each step kept in the database."""
