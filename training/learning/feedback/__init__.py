"""What people taught, for those who run the bot: listed, and taken along in files."""
