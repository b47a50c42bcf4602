"""One page a recipe: command, data, time and expected score at its head."""
