"""What the bot does with each kind of update: a folder a feature, `features.py` lists them.

A handler may be run again after trouble, so each can be: what it stores is idempotent, what it says may be said twice.
"""
