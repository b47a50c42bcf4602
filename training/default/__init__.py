"""The default model: fine-tuning, head, card, and shipping it."""
