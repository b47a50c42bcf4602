"""What labels are called where people read them."""

from core.breeds.catalogue import NOT_A_DOG, catalogue


def display_name(label: str) -> str:
    """English name of a breed's slug; a label outside the catalogue keeps its words."""
    if label == NOT_A_DOG:
        return "not a dog"
    breed = catalogue().get(label)
    return label.replace("_", " ") if breed is None else breed.name("en")
