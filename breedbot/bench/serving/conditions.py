"""What a measurement was made on: numbers without it cannot be compared."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from inference.worker.settings import available_cores

_PACKAGES = ("numpy", "openvino", "pillow", "keras", "tensorflow")


def conditions() -> dict[str, str | int | float]:
    """CPU, cores, load and versions, ready for JSON."""
    found: dict[str, str | int | float] = {
        "cpu": _cpu(),
        "cores": available_cores(),
        "load_average_1_min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else -1.0,
        "python": platform.python_version(),
    }
    return found | {name: number for name in _PACKAGES if (number := _version(name))}


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
