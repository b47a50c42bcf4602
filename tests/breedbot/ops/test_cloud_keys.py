"""Keys of object storage may stand in `.env`, and stand in no log."""

import os
from pathlib import Path

import pytest

from breedbot.ops.settings import Configuration, cloud_secrets, use_cloud_keys


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(key, "")  # so that what the test sets is taken back
        monkeypatch.delenv(key)


def test_keys_of_the_env_file_count_unless_the_environment_has_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("AWS_ACCESS_KEY_ID=file\nAWS_REGION=nowhere\nOTHER=x\n")
    monkeypatch.setenv("AWS_REGION", "somewhere")

    use_cloud_keys(file)

    assert os.environ["AWS_ACCESS_KEY_ID"] == "file"
    assert os.environ["AWS_REGION"] == "somewhere"
    assert "OTHER" not in os.environ


def test_without_a_file_nothing_happens(tmp_path: Path) -> None:
    use_cloud_keys(tmp_path / ".env")

    assert "AWS_ACCESS_KEY_ID" not in os.environ


def test_secrets_are_masked_and_the_rest_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2-hunter2")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")

    assert "hunter2-hunter2" in cloud_secrets()
    assert "eu-central-1" not in cloud_secrets()
    assert "hunter2-hunter2" in Configuration.read().secrets
