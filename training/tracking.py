"""Runs in MLflow: the study's columns, curves, files and the data's fingerprint.

The store is a SQLite file in the bot's data folder; MLflow's own variables (MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME
and those of its servers) win. MLflow takes seconds to import, so that happens when a run is tracked and never before.
"""

import importlib.util
import json
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from training.whole_file import write_whole

EXPERIMENT = "breedbot"
METRICS_A_CALL = 1000  # mlflow.utils.validation.MAX_METRICS_PER_BATCH
RUN_FILE = "mlflow-run.json"
_VALUE_LIMIT = 500  # characters of a parameter

log = logging.getLogger(__name__)


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


@dataclass(frozen=True, slots=True)
class Tracking:
    """Where runs are recorded.

    Attributes:
        store: MLflow tracking URI; None records nothing.
        artefacts: folder of files for a local store; None leaves it to the server.
        experiment: name that the runs are listed under.
    """

    store: str | None
    artefacts: Path | None = None
    experiment: str = EXPERIMENT

    @classmethod
    def chosen(cls, data_dir: Path) -> "Tracking":
        """MLflow's variables where they are set, else a store in ``data_dir/mlflow``; nothing without MLflow."""
        if importlib.util.find_spec("mlflow") is None:
            log.warning("runs are not tracked: MLflow is not installed; pip install 'breedbot[training]'")
            return cls(None)
        experiment = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        if server := os.environ.get("MLFLOW_TRACKING_URI"):
            return cls(server, None, experiment)
        return cls(sqlite_store(data_dir), (data_dir / "mlflow" / "artefacts").resolve(), experiment)

    @contextmanager
    def run(
        self, name: str, parameters: Mapping[str, Any], tags: Mapping[str, str], work: Path
    ) -> Iterator["TrackedRun"]:
        """Record the block as a run: finished, failed, or killed by Ctrl-C; taken up again by the next try.

        Args:
            name: as MLflow lists it.
            parameters: what the run was asked to do.
            tags: what else to find it by.
            work: folder that remembers the run, so that one that was killed is continued and not listed twice.
        """
        if self.store is None:
            yield TrackedRun(None, "")
            return
        client = _client(self.store)
        run = TrackedRun(client, self._begin(client, name, tags, work))
        run.parameters(parameters)
        try:
            yield run
        except BaseException as error:
            client.set_terminated(run.id, "FAILED" if isinstance(error, Exception) else "KILLED")
            raise
        client.set_terminated(run.id, "FINISHED")

    def _begin(self, client: Any, name: str, tags: Mapping[str, str], work: Path) -> str:
        begun = work / RUN_FILE
        if begun.exists():
            known = json.loads(begun.read_text(encoding="utf-8"))
            if known["store"] == self.store and _exists(client, known["run"]):
                client.update_run(known["run"], status="RUNNING")
                return str(known["run"])
        experiment = self._experiment(client)
        run = str(client.create_run(experiment, run_name=name, tags=dict(tags)).info.run_id)
        begun.parent.mkdir(parents=True, exist_ok=True)
        write_whole(begun, json.dumps({"store": self.store, "run": run}).encode())
        return run

    def _experiment(self, client: Any) -> str:
        if (found := client.get_experiment_by_name(self.experiment)) is not None:
            return str(found.experiment_id)
        place = None if self.artefacts is None else self.artefacts.as_uri()
        return str(client.create_experiment(self.experiment, artifact_location=place))


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

        pairs = [Param(key, str(value)[:_VALUE_LIMIT]) for key, value in values.items()]
        self._client.log_batch(self.id, params=pairs)

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


def sqlite_store(data_dir: Path) -> str:
    """URI of the local store."""
    return f"sqlite:///{(data_dir / 'mlflow' / 'mlflow.db').resolve()}"


def _client(store: str) -> Any:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when MLflow is imported
    if store.startswith("sqlite:///"):
        Path(store.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # MLflow 3.17 with SQLAlchemy 2.1: "The ``noload`` loader strategy is deprecated"
        warnings.filterwarnings("ignore", "The ``noload`` loader strategy is deprecated")
        from mlflow import MlflowClient  # noqa: PLC0415 (slow to import)

        for name in ("mlflow", "alembic"):  # "Creating initial MLflow database tables..."
            logging.getLogger(name).setLevel(logging.WARNING)
        return MlflowClient(tracking_uri=store)


def _exists(client: Any, run: str) -> bool:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 (slow to import)

    try:
        return bool(client.get_run(run).info.lifecycle_stage == "active")
    except MlflowException:
        return False
