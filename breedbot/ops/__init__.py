"""What a host does beside running the bot: settings, logs, doctor, backup and restore."""
