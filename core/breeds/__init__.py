"""Breeds by name: the catalogue, the host's own ones, facts about them, and which look alike."""
