"""From accepted claims to a candidate."""
