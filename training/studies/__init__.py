"""The reference study, and the question that it left open."""
