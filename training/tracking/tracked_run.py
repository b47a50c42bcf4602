"""One run in MLflow: numbers, curves, files, photos. It records nothing where nothing is tracked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

METRICS_A_CALL = 1000  # mlflow.utils.validation.MAX_METRICS_PER_BATCH
VALUE_LIMIT = 500  # characters of a parameter


@dataclass(frozen=True, slots=True)
class DatasetNote:
    """Which photos a run saw.

    Attributes:
        name: of the folder.
        fingerprint: SHA-256 over labels and contents.
        source: the folder.
    """

    name: str
    fingerprint: str
    source: str


class TrackedRun:
    """One run; records nothing where nothing is tracked."""

    def __init__(self, client: Any, run: str) -> None:
        """Use a client of MLflow's, or None."""
        self._client, self.id = client, run

    def parameters(self, values: Mapping[str, Any]) -> None:
        """What the run was asked to do; repeating them unchanged is allowed."""
        if self._client is None:
            return
        from mlflow.entities import Param  # noqa: PLC0415 (slow to import)

        pairs = [Param(key, str(value)[:VALUE_LIMIT]) for key, value in values.items()]
        self._client.log_batch(self.id, params=pairs)

    def tags(self, values: Mapping[str, str]) -> None:
        """What else to find the run by."""
        if self._client is not None:
            for key, value in values.items():
                self._client.set_tag(self.id, key, value)

    def metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        """Numbers of now."""
        self.curves([values], step)

    def curves(self, epochs: Sequence[Mapping[str, float]], first: int = 0) -> None:
        """Numbers of several epochs at once."""
        if self._client is None:
            return
        from mlflow.entities import Metric  # noqa: PLC0415 (slow to import)

        now_ms = int(time() * 1000)
        points = [
            Metric(key, float(value), now_ms, first + number)
            for number, values in enumerate(epochs)
            for key, value in values.items()
        ]
        for start in range(0, len(points), METRICS_A_CALL):
            self._client.log_batch(self.id, metrics=points[start : start + METRICS_A_CALL])

    def files(self, paths: Sequence[Path]) -> None:
        """Files to look at beside the numbers."""
        if self._client is not None:
            for path in paths:
                self._client.log_artifact(self.id, str(path))

    def dataset(self, note: DatasetNote) -> None:
        """The photos, as MLflow's own column and as a tag with the whole fingerprint."""
        if self._client is None:
            return
        from mlflow.entities import Dataset, DatasetInput  # noqa: PLC0415 (slow to import)

        source = json.dumps({"uri": note.source})
        entity = Dataset(note.name, note.fingerprint[:32], "local", source)  # 36 characters at most
        self._client.log_inputs(self.id, datasets=[DatasetInput(entity)])
        self._client.set_tag(self.id, "dataset.fingerprint", note.fingerprint)
