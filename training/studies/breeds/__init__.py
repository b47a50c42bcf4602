"""The open question: accuracy against the number of breeds."""
