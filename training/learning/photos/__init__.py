"""Photos that are learned from: copies, and features anew."""
