"""What reviewers decide about claims; and claims for those who run the bot, listed and taken along in files."""
