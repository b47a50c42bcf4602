"""Runs are in MLflow with the study's columns, once each, whatever interrupts them."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from training.tracking.tracking import RUN_FILE, DatasetNote, Tracking, TrackingFailed, sqlite_store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def tracking(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Tracking:
    pytest.importorskip("mlflow")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    return Tracking.chosen(data_dir)


def client(data_dir: Path) -> Any:
    from mlflow import MlflowClient  # noqa: PLC0415 (an extra, and slow to import)

    return MlflowClient(tracking_uri=sqlite_store(data_dir))


def stored(data_dir: Path, run: str) -> Any:
    return client(data_dir).get_run(run)


def test_a_run_has_its_name_duration_parameters_metrics_curves_files_and_data(
    tracking: Tracking, data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "history.json").write_text("[]")
    columns = {"test name": "ResNet50 pooling + dense", "dense layers": 1, "epochs": 30, "optimizer": "adam"}

    with tracking.run("five", columns, {"notes": "made up"}, tmp_path) as run:
        run.dataset(DatasetNote("dogs", "f" * 64, "/data/dogs"))
        run.curves([{"val_loss": 0.5}, {"val_loss": 0.25}])
        run.metrics({"accuracy": 0.98, "loss": 0.1})
        run.files([tmp_path / "history.json"])

    found = stored(data_dir, run.id)
    assert (found.info.run_name, found.info.status) == ("five", "FINISHED")
    assert found.info.end_time >= found.info.start_time
    assert found.data.params == {key: str(value) for key, value in columns.items()}
    assert found.data.metrics == {"accuracy": 0.98, "loss": 0.1, "val_loss": 0.25}
    assert found.data.tags["notes"] == "made up"
    assert found.data.tags["dataset.fingerprint"] == "f" * 64
    assert found.inputs.dataset_inputs[0].dataset.digest == "f" * 32
    files = client(data_dir)
    assert [point.value for point in files.get_metric_history(run.id, "val_loss")] == [0.5, 0.25]
    assert [file.path for file in files.list_artifacts(run.id)] == ["history.json"]
    assert (data_dir / "mlflow" / "artefacts" / run.id / "artifacts" / "history.json").exists()


@pytest.mark.parametrize(("error", "status"), [(ValueError("broken"), "FAILED"), (KeyboardInterrupt(), "KILLED")])
def test_an_interrupted_run_says_so_and_is_continued_not_listed_twice(
    tracking: Tracking, data_dir: Path, tmp_path: Path, error: BaseException, status: str
) -> None:
    with pytest.raises(type(error)), tracking.run("first", {"seed": 1}, {}, tmp_path) as run:
        raise error
    broken = stored(data_dir, run.id).info.status

    with tracking.run("first", {"seed": 1}, {}, tmp_path) as again:
        running = stored(data_dir, again.id).info.status

    assert again.id == run.id
    assert (broken, running, stored(data_dir, run.id).info.status) == (status, "RUNNING", "FINISHED")


def test_a_run_that_has_finished_was_deleted_or_was_to_do_something_else_is_begun_anew(
    tracking: Tracking, data_dir: Path, tmp_path: Path
) -> None:
    def attempt(seed: int) -> str:
        with contextlib.suppress(ValueError), tracking.run("again", {"seed": seed}, {}, tmp_path) as run:
            raise ValueError
        return run.id

    with tracking.run("again", {"seed": 1}, {}, tmp_path) as finished:
        pass
    first = attempt(1)
    client(data_dir).delete_run(first)
    second, third = attempt(1), attempt(2)
    (tmp_path / RUN_FILE).write_text(json.dumps({"store": "http://elsewhere", "run": third}))
    fourth = attempt(2)

    assert len({finished.id, first, second, third, fourth}) == 5
    assert attempt(2) == fourth


def test_a_store_that_refuses_is_named_in_a_line(tmp_path: Path) -> None:
    pytest.importorskip("mlflow")
    (tmp_path / "mlflow.db").write_bytes(b"this is no database, whatever its name says" * 9)
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"

    with (
        pytest.raises(TrackingFailed, match=r"mlflow\.db: the run cannot be recorded") as refused,
        Tracking(store).run("x", {}, {}, tmp_path),
    ):
        pass

    assert "\n" not in str(refused.value)


def test_a_servers_password_is_not_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    with (
        pytest.raises(TrackingFailed, match=r"http://\*\*\*@127\.0\.0\.1:9: the run") as refused,
        Tracking("http://me:secret@127.0.0.1:9").run("x", {}, {}, tmp_path),
    ):
        pass

    assert "secret" not in str(refused.value)


def test_mlflows_own_variables_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking.example:5000")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "mine")

    assert Tracking.chosen(tmp_path) == Tracking("http://tracking.example:5000", None, "mine")


def test_nothing_is_recorded_where_nothing_shall_be(tmp_path: Path) -> None:
    with Tracking(None).run("quiet", {"seed": 1}, {}, tmp_path) as run:
        run.metrics({"accuracy": 1.0})
        run.curves([{"loss": 1.0}])
        run.files([tmp_path / "none"])
        run.dataset(DatasetNote("x", "y", "z"))

    assert list(tmp_path.iterdir()) == []


def test_mlflow_is_not_imported_before_a_run_is_tracked(tmp_path: Path) -> None:
    code = (
        "import sys, training.tracking.tracking as t, pathlib\n"
        f"t.Tracking.chosen(pathlib.Path({str(tmp_path)!r}))\n"
        "print('mlflow' in sys.modules)"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)

    assert said.stdout == "False\n"
