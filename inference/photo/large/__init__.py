"""Large pictures, made smaller while they are decoded, by the very libraries that Pillow brings along."""
