"""Who retrains when, which candidate is tried and promoted, and when the one before answers again."""
