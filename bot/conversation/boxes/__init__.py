"""🖼: which dog of a photo is which."""
