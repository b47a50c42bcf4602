"""/settings: one card, whose pages /language and /privacy are."""
