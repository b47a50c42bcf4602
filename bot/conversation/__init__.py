"""What the bot does with each kind of update: one file a kind.

A handler may be run again after trouble, so each can be: what it stores is idempotent, what it says may be said twice.
"""
