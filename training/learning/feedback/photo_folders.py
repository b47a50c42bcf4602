"""Accepted photos, a folder a breed, as `train --data` and `evaluate` read them: `feedback export --format folders`."""

import csv
from pathlib import Path

from core.breeds.catalogue import catalogue, teachable_labels
from training.data.read.photo_groups import TABLE
from training.learning.feedback.feedback_photos import FeedbackPhoto, FeedbackPhotos
from training.learning.feedback.photo_copies import PhotoCopies


async def write_folders(found: FeedbackPhotos, copies: PhotoCopies, folder: Path, *, with_users: bool) -> int:
    """Write ``<breed>/*.jpg`` and a ``photos.csv``; how many photos. Copies that cannot be made are in `copies`.

    All photos of a person are one group of the table, so that no split tests on somebody who was learned from.
    """
    rows = []
    for photo, group in zip(found.photos, found.groups(), strict=True):
        if photo.breed not in teachable_labels():
            known = photo.breed in catalogue()
            why = "is no breed to learn" if known else "is no longer in the catalogue"
            copies.left_out[photo.sha256] = f"{photo.breed!r} {why}"
        elif name := await copies.copy(photo.sha256, folder / photo.breed, photo.dog, photo.box):
            rows.append(_row(photo, f"{photo.breed}/{name}", group, with_users=with_users))
    if rows:
        with (folder / TABLE).open("w", newline="", encoding="utf-8") as file:
            lines = csv.DictWriter(file, rows[0], lineterminator="\n")
            lines.writeheader()
            lines.writerows(rows)
    return len(rows)


def _row(photo: FeedbackPhoto, file: str, group: str, *, with_users: bool) -> dict[str, str]:
    users = {"users": " ".join(map(str, sorted(photo.users)))} if with_users else {}
    events = " ".join(map(str, photo.events))
    return {"file": file, "breed": photo.breed, "group": group, "events": events, **users}
