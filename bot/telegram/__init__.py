"""Telegram's side: updates in, calls out, within its limits."""
