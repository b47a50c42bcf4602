"""A bot whose logs are read."""

from stage_fixtures import build_stage, line, stage

__all__ = ["build_stage", "line", "stage"]
