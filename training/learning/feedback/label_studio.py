"""What waits for a review, for Label Studio: `breedbot feedback export --format label-studio`.

Tasks with what the model and the person said as pre-annotations (https://labelstud.io/guide/predictions), and the
labelling interface that they belong to. Photos are named as Label Studio serves local files
(https://labelstud.io/guide/storage#Local-storage); `docs/feedback.md` says how to set that up.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from core.breeds.catalogue import NOT_A_DOG, catalogue
from db.learning.claims import ClaimRecord
from training.learning.feedback.listing import confidence, correction
from training.learning.feedback.photo_copies import PhotoCopies

TASKS, INTERFACE, PHOTOS = "tasks.json", "interface.xml", "photos"
REJECT: Final = "reject"
"""The choice for what no model should learn from."""


async def write_tasks(
    claims: Iterable[ClaimRecord], copies: PhotoCopies, folder: Path, served_as: str, *, with_users: bool
) -> int:
    """Write ``tasks.json``, ``interface.xml`` and ``photos/``; how many tasks.

    Args:
        claims: most informative first; tasks keep their order.
        copies: where photos come from; a claim whose photo cannot be copied is left out.
        folder: where to.
        served_as: the folder's name below the document root of Label Studio.
        with_users: tell who said it.
    """
    tasks = []
    for claim in claims:
        if name := await copies.copy(claim.photo_sha256, folder / PHOTOS, claim.dog, claim.box):
            image = f"/data/local-files/?d={quote(f'{served_as}/{PHOTOS}/{name}')}"
            tasks.append(task(claim, image, with_users=with_users))
    (folder / TASKS).write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / INTERFACE).write_text(interface(), encoding="utf-8")
    return len(tasks)


def task(claim: ClaimRecord, image: str, *, with_users: bool) -> dict[str, Any]:
    """One task; `event` comes back with the annotation and is what `feedback accept` and `reject` take."""
    users = {"user": claim.user_id} if with_users else {}
    said = {"image": image, "event": claim.event_id, "said": correction(claim), **users}
    sure = confidence(claim)
    guesses = [
        _guess(claim.model_id, claim.answered, sure if sure is not None else 0.0),
        _guess("person", claim.claimed, 1.0),
    ]
    return {"data": said, "predictions": [guess for guess in guesses if guess is not None]}


def interface() -> str:
    """The labelling interface: the photo, what was said, and one choice among all labels."""
    view = Element("View")
    SubElement(view, "Image", name="photo", value="$image", zoomControl="true")
    SubElement(view, "Header", value="The person says: $said")
    choices = SubElement(
        view, "Choices", name="breed", toName="photo", choice="single", layout="select", required="true"
    )
    for label in (*catalogue(), NOT_A_DOG, REJECT):
        SubElement(choices, "Choice", value=label)
    indent(view)
    return f"{tostring(view, encoding='unicode')}\n"


def _guess(source: str, label: str | None, score: float) -> dict[str, Any] | None:
    if label is None or (label not in catalogue() and label != NOT_A_DOG):
        return None
    choice = {"from_name": "breed", "to_name": "photo", "type": "choices", "value": {"choices": [label]}}
    return {"model_version": source, "score": score, "result": [choice]}
