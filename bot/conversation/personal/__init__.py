"""What people ask about themselves: /start, /help, /language, /history, /stats."""
