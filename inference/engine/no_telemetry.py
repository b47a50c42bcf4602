"""No program of ours tells strangers that it runs."""

import sys
from typing import cast

REPORTER = "openvino_telemetry"


def refuse_telemetry() -> None:
    """Keep OpenVINO from reporting its use; call it before the first `import openvino`, later calls change nothing.

    `import openvino` sends an event to Google Analytics from a forked child, without asking (openvino/tools/ovc).
    People who run a bot for others' photos did not agree to that; and forking a process that has threads can leave the
    child waiting for a lock forever, and our exit for the child: seen once in three starts. Where the reporter is not
    to be had, OpenVINO falls back to its own stub (openvino/tools/ovc/telemetry_utils.py).
    """
    absent = cast("dict[str, object]", sys.modules)
    absent.setdefault(REPORTER, None)  # an entry of None makes `import` raise ModuleNotFoundError
