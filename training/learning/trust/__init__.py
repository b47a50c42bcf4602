"""Which claims may teach without a moderator: the trust policy."""
