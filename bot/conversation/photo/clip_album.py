"""The frames of a film are an album of ours, complete from the start."""

CLIP_ALBUM = "clip:"
