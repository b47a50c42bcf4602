"""Which breed a folder holds, by its name: a slug, or what Stanford Dogs and ImageNet call it."""

import re
from collections.abc import Mapping
from functools import cache

from rapidfuzz import fuzz, process

from core.breeds.catalogue import NOT_A_DOG, Breed, catalogue, names, plain, teachable_labels

_SYNSET = re.compile(r"(n\d{8})(?:[-_ ]+(.+))?", re.IGNORECASE)
_ALIKE = 80  # of 100: finds "beagel" and "chiwawa"; words such as "train" or "unicorn" stay below


def breed_of_folder(name: str) -> str | None:
    """The label of a folder's photos, or None where the name is no breed's.

    A slug must be exact. Stanford's names may differ in case, hyphens and underscores (``n02086240-shih_tzu``), and the
    WordNet number alone will do, as ImageNet has it. A number with the name of something else is nobody's.
    """
    if name in teachable_labels():
        return name
    found = _SYNSET.fullmatch(name)
    breed = _by_synset().get(found[1].lower()) if found else None
    if found is None or breed is None or breed.stanford_folder is None:
        return None
    called = breed.stanford_folder.partition("-")[2]
    return breed.slug if found[2] is None or plain(found[2]) == plain(called) else None


def suggested_folder(name: str) -> str | None:
    """The slug that somebody may have meant: "Afghan Hound" → ``afghan_hound``; None if nothing is near."""
    found = _SYNSET.fullmatch(name)
    words = plain((found[2] or "") if found else name)
    if words in _known_names():
        return _known_names()[words]
    best = process.extractOne(words, _known_names().keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return _known_names()[best[0]] if best else None


@cache
def _by_synset() -> Mapping[str, Breed]:
    return {breed.stanford_folder.partition("-")[0]: breed for breed in catalogue().values() if breed.stanford_folder}


@cache
def _known_names() -> Mapping[str, str]:
    breeds = [breed for slug, breed in catalogue().items() if slug in teachable_labels()]
    known = {plain(name): breed.slug for breed in breeds for name in names(breed)}
    for breed in _by_synset().values():
        known.setdefault(plain((breed.stanford_folder or "").partition("-")[2]), breed.slug)
    return known | {plain(NOT_A_DOG): NOT_A_DOG, "no dog": NOT_A_DOG, "not dog": NOT_A_DOG}
