"""What became of what people said: the words, and whom they reach."""
