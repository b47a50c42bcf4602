"""What a run of the study came to: the columns of its table, and what else one must know to believe them."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from core.atomic_file import write_whole

RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class StudyResult:
    """One finished run.

    Attributes:
        run: its name.
        created: when it began, ISO 8601 in UTC.
        duration_s: all of it, as far as it was not on disk already.
        train_s: of that, training; features of a frozen base are computed before.
        accuracy, accuracy_low, accuracy_high: share of the test photos that are right, and its 95 % interval.
        loss: mean negative log likelihood of the test photos in nats.
        test_name: as the study calls it.
        dense_layers: of the head, the softmax included.
        epochs: trained; ``best_epoch`` is the one whose weights were measured.
        photos: in each part.
        dataset: fingerprint.
        weights: of the base: "imagenet", a file's SHA-256, "random …", or "" from scratch.
        notes: what differs from what the recipe names.
        settings: every number of the recipe.
    """

    run: str
    created: str
    duration_s: float
    train_s: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    loss: float
    precision: float
    recall: float
    f1: float
    top3: float
    ece: float
    test_name: str
    dense_layers: int
    epochs: int
    best_epoch: int
    optimizer: str
    classes: tuple[str, ...]
    photos: dict[str, int]
    dataset: str
    weights: str
    backend: str
    notes: tuple[str, ...]
    settings: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As in ``result.json``."""
        return asdict(self)

    def summary(self) -> str:
        """One line."""
        interval = f"{self.accuracy_low:.3f}–{self.accuracy_high:.3f}, {self.photos['test']} test photos"
        return (
            f"accuracy {self.accuracy:.4f} ({interval}), loss {self.loss:.4f}, "
            f"{self.epochs} epochs in {self.train_s:.1f} s"
        )

    def write(self, folder: Path) -> Path:
        """Write ``result.json`` as a whole: where it is, the run has ended."""
        file = folder / RESULT
        write_whole(file, (json.dumps(self.to_json(), indent=1) + "\n").encode())
        return file

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The result of a finished run; None while there is none."""
        file = folder / RESULT
        if not file.exists():
            return None
        values = json.loads(file.read_text(encoding="utf-8"))
        values |= {key: tuple(values[key]) for key in ("classes", "notes")}
        return cls(**values)
