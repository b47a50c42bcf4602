"""The page of every decision, of moderators and of the policy: found, looked at, taken back."""
