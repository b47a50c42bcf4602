"""Fixtures of the Telegram side."""

import pytest
from stage import CLUSTER, LOCAL
from stage_fixtures import build_stage, line, stage

__all__ = ["build_stage", "line", "stage"]

MARKS: dict[str, list[pytest.MarkDecorator]] = {LOCAL: [], CLUSTER: [pytest.mark.servers]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module whose LINES say so runs with everything in one process, and with PostgreSQL and NATS in between."""
    lines = getattr(metafunc.module, "LINES", None)
    if lines is not None and "line" in metafunc.fixturenames:
        metafunc.parametrize("line", [pytest.param(one, marks=MARKS[one]) for one in lines])
