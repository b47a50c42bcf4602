"""🔥: what an answer rests on."""
