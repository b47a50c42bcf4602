"""What people read: pure functions from records and a language to a message with buttons."""
