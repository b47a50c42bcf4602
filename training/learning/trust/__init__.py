"""Which claims may teach without a moderator: the trust policy, and the simulation that shows what it is worth."""
