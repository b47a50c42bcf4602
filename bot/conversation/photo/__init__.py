"""A photo comes in: which size, whether it may, and what is said where it cannot be read."""
