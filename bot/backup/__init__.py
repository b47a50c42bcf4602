"""Everything that a bot remembers as one folder, and back."""

from bot.backup.back_up import BackedUp, back_up
from bot.backup.note import BackupDamaged
from bot.backup.restore import NotEmpty, Restored, restore

__all__ = ["BackedUp", "BackupDamaged", "NotEmpty", "Restored", "back_up", "restore"]
