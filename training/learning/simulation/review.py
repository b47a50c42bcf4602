"""The ways to review that a simulation compares."""

from enum import StrEnum


class Review(StrEnum):
    """Who decides about claims."""

    NONE = "no protection"
    """Nobody: everything is accepted, and every candidate answers without asking the gate."""
    POLICY = "trust policy"
    """The policy alone, and a moderator for as many claims as the rules say; then the gate."""
    PERFECT = "perfect review"
    """A moderator who sees everything and never errs; then the gate."""
    TRUTH = "true labels"
    """Every photo that somebody spoke about, by its true label, without the gate: what it is measured against."""
