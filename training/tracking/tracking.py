"""Runs in MLflow: the study's columns, curves, files and the data's fingerprint.

The store is a SQLite file in the bot's data folder; MLflow's own variables (MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME
and those of its servers) win. MLflow takes seconds to import, so that happens when a run is tracked and never before.

TrackingFailed: the store cannot be reached or refuses; what was trained so far is on disk all the same.
"""

import importlib.util
import json
import logging
import os
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.atomic_file import write_whole
from training.default.export import git_commit
from training.tracking.tracked_run import VALUE_LIMIT, DatasetNote, TrackedRun

EXPERIMENT = "breedbot"
RUN_FILE = "mlflow-run.json"

log = logging.getLogger(__name__)

__all__ = ["DatasetNote", "TrackedRun", "Tracking", "TrackingFailed", "sqlite_store"]


class TrackingFailed(Exception):
    """MLflow's store does not take a run."""


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
        with _explained(self.store):
            client = _client(self.store)
            texts = {key: str(value)[:VALUE_LIMIT] for key, value in parameters.items()}
            run = TrackedRun(client, self._begun(client, texts, work) or self._begin(client, name, tags, work))
            run.parameters(texts)
            try:
                yield run
            except BaseException as error:
                client.set_terminated(run.id, "FAILED" if isinstance(error, Exception) else "KILLED")
                raise
            client.set_terminated(run.id, "FINISHED")

    def _begun(self, client: Any, parameters: Mapping[str, str], work: Path) -> str | None:
        """The run that an interrupted try has begun, if it was to do the same."""
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 (slow to import)

        begun = work / RUN_FILE
        known = json.loads(begun.read_text(encoding="utf-8")) if begun.exists() else {}
        if known.get("store") != self.store:
            return None
        try:
            run = client.get_run(known["run"])
        except MlflowException:
            return None
        same = run.data.params.items() <= parameters.items()
        if run.info.lifecycle_stage != "active" or run.info.status == "FINISHED" or not same:
            return None
        client.update_run(known["run"], status="RUNNING")
        return str(known["run"])

    def _begin(self, client: Any, name: str, tags: Mapping[str, str], work: Path) -> str:
        told = {**tags, "mlflow.source.type": "LOCAL", "mlflow.source.name": f"breedbot, {name}"}
        if (commit := git_commit()) is not None:
            told["mlflow.source.git.commit"] = commit
        run = str(client.create_run(self._experiment(client), run_name=name, tags=told).info.run_id)
        work.mkdir(parents=True, exist_ok=True)
        write_whole(work / RUN_FILE, json.dumps({"store": self.store, "run": run}).encode())
        return run

    def _experiment(self, client: Any) -> str:
        if (found := client.get_experiment_by_name(self.experiment)) is not None:
            return str(found.experiment_id)
        place = None if self.artefacts is None else self.artefacts.as_uri()
        # Without the tag MLflow's pages take the runs for conversations with a language model.
        kind = {"mlflow.experimentKind": "custom_model_development", "mlflow.experiment.primaryMetric.name": "accuracy"}
        return str(client.create_experiment(self.experiment, artifact_location=place, tags=kind))


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


@contextmanager
def _explained(store: str) -> Iterator[None]:
    """Turn what MLflow raises into one line."""
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(("mlflow.", "sqlalchemy.")):
            raise
        said = f"{store}: the run cannot be recorded, {' '.join(str(error).split())[:300]}"
        raise TrackingFailed(re.sub(r"//[^/@\s]*@", "//***@", said)) from error  # a server's password
