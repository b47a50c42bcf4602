"""What a label is called: a breed's name, or "Not a dog"."""

from bot.conversation.breeds.breed_name import breed_name
from bot.texts import say_plain
from core.breeds.catalogue import NOT_A_DOG


def label_name(label: str, language: str) -> str:
    """Plain text, with a capital letter."""
    return say_plain(language, "console-not-a-dog") if label == NOT_A_DOG else breed_name(label, language)
