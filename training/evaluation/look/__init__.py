"""How well photos are looked at: pairs, scenes, turned and small photos, made of photos of one dog."""
