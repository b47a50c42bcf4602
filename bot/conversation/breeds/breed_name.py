"""A breed's name as people read it."""

from core.breeds.catalogue import catalogue


def breed_name(slug: str, language: str) -> str:
    """The display name, plain text.

    An old prediction may name a breed that the catalogue no longer has: it is then read from the slug.
    """
    breed = catalogue().get(slug)
    return breed.name(language) if breed else slug.replace("_", " ").capitalize()
