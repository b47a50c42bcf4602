"""The bot's part of the learning loop: who retrains when, who answers, and when the one before answers again."""
