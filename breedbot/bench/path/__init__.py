"""What one photo and one press cost: `breedbot bench path`."""
