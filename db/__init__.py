"""What the bot remembers: tables, repositories, migrations and the photo store."""
