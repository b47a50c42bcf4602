"""The HTTP API: a photo in, the JSON of `breedbot predict --json` out. Photos are forgotten with their answers."""
