"""How much of the engine's speed reaches the user: `breedbot bench serving`."""
