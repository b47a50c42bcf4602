"""/breeds, cards, the search by name, and inline mode."""
