"""People of given reliability teach a model with real photos: no protection, the trust policy, perfect review."""
