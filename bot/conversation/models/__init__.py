"""What moderators do with models: look at them, have one made, let one answer, take one back."""
