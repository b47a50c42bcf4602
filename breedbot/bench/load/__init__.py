"""The bot under load, faults and kills: `breedbot bench load`."""
