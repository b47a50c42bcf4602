"""The commands, a file a group of them."""
