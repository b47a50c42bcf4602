"""Is everything here that answering needs? Machine, packages, decoders and model, each with what to do about it."""

import importlib.metadata
import importlib.util
import io
import platform
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image
from rich.table import Table
from rich.text import Text

from core.breeds.catalogue import catalogue, shipped_catalogue
from inference.model.backbone import GPU_DEVICE
from inference.model.classifier import Champion
from inference.model.self_check import drawn_picture
from inference.photo.decode import decode
from inference.photo.formats import PhotoFormat
from inference.settings import Engine
from inference.store.folder_store import ModelStore
from inference.worker.settings import available_cores

MIN_PYTHON = (3, 11)
WANTED_BYTES = 2**30  # of memory: `breedbot run` needs up to 700 MB
DRAWN_PX = 224  # large enough for every decoder
_DECODE_TOLERANCE = 12.0  # mean of |difference|, 0–255; a GIF with its 256 colours is the worst
_CPUINFO, _MEMINFO = Path("/proc/cpuinfo"), Path("/proc/meminfo")


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `breedbot doctor`: what was looked at, what was found, and what to do if it is not well."""

    check: str
    level: Level
    detail: str
    remedy: str = ""

    def to_json(self) -> dict[str, str]:
        """One object of `doctor --json`."""
        return asdict(self)


def finding_table(findings: list[Finding]) -> Table:
    """For people."""
    table = Table(show_header=False, box=None)
    colours = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}
    for one in findings:
        remedy = f"→ {one.remedy}" if one.remedy else ""
        table.add_row(Text(one.level.value, style=colours[one.level]), one.check, one.detail, remedy)
    return table


def inference_findings(store: ModelStore, engine: Engine) -> list[Finding]:
    """Everything about this machine and its model; takes as long as loading the model."""
    return [
        _python(),
        examined("packages", _packages, "pip install --upgrade breedbot"),
        _cpu(),
        _gpu(),
        _memory(),
        *[examined(f"decode {name}", partial(_decoded, name), _REINSTALL) for name in PhotoFormat],
        examined("breeds", _breeds, "correct that file or take it away"),
        examined("model store", store.examine, "see the message; keys are AWS_…, GOOGLE_… or AZURE_…"),
        examined("models", lambda: _models(store), "delete or restore the model that is named"),
        examined("champion", lambda: _champion(store, engine), "`breedbot models rollback`, or train a model"),
    ]


def examined(check: str, look: Callable[[], str], remedy: str) -> Finding:
    """What `look` says, or as a failure whatever it raises: a broken part must not end the examination."""
    try:
        return Finding(check, Level.OK, look())
    except Exception as error:  # noqa: BLE001 - the edge of one check
        return Finding(check, Level.FAIL, str(error) or type(error).__name__, remedy)


_REINSTALL = "pip install --force-reinstall pillow pillow-heif"


def _python() -> Finding:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < MIN_PYTHON:
        return Finding("python", Level.FAIL, found, "install Python 3.11 or newer")
    return Finding("python", Level.OK, found)


def _packages() -> str:
    wanted = [line for line in importlib.metadata.requires("breedbot") or [] if "extra ==" not in line]
    names = [re.match(r"[\w.-]+", line) for line in wanted]
    missing = [name[0] for name in names if name and not _installed(name[0])]
    if missing:
        raise ModuleNotFoundError(f"not installed: {', '.join(missing)}")
    extras = [name for name in ("keras", "tensorflow", "matplotlib") if _installed(name)]
    return f"{len(names)} of {len(names)}; optional: {', '.join(extras) or 'none'}"


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _cpu() -> Finding:
    cores = f"{available_cores()} cores"
    if not _CPUINFO.exists():
        return Finding("cpu", Level.OK, cores)
    flags = set(_CPUINFO.read_text(encoding="utf-8").split())
    known = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd") if name in flags]
    found = f"{cores}, {' '.join(known) or 'no vector instructions known to us'}"
    if "avx2" in flags or "asimd" in flags:
        return Finding("cpu", Level.OK, found)
    return Finding("cpu", Level.WARN, found, "answers will be slow; a machine with AVX2 is several times as fast")


def _gpu() -> Finding:
    if not GPU_DEVICE.exists():
        return Finding("gpu", Level.OK, "none; the CPU answers")
    if importlib.util.find_spec("keras") is None:
        return Finding("gpu", Level.WARN, "there is one, but no Keras to use it", "pip install 'breedbot[gpu]'")
    return Finding("gpu", Level.OK, "used through Keras unless BREEDBOT_ENGINE says otherwise")


def _memory() -> Finding:
    found = re.search(r"MemAvailable:\s+(\d+) kB", _MEMINFO.read_text(encoding="utf-8")) if _MEMINFO.exists() else None
    if found is None:
        return Finding("memory", Level.OK, "unknown here")
    free_bytes = int(found[1]) * 1024
    detail = f"{free_bytes / 2**30:.1f} GB available"
    if free_bytes < WANTED_BYTES:
        return Finding("memory", Level.WARN, detail, "`breedbot run` needs about 0.7 GB: close something")
    return Finding("memory", Level.OK, detail)


def _decoded(name: PhotoFormat) -> str:
    """Encode a drawn picture and decode it the way photos are decoded."""
    picture = drawn_picture(DRAWN_PX)
    file = io.BytesIO()
    if name is PhotoFormat.HEIF:
        pillow_heif.from_pillow(Image.fromarray(picture)).save(file)
    else:
        Image.fromarray(picture).save(file, name.name)
    found = decode(file.getvalue())
    off = float(np.abs(found.astype(np.float32) - picture).mean()) if found.shape == picture.shape else 255.0
    if off > _DECODE_TOLERANCE:
        raise ValueError(f"the decoder gives other pixels (off by {off:.0f} of 255)")
    return f"{len(file.getvalue()) / 1024:.0f} KB → {found.shape[1]} × {found.shape[0]} pixels"


def _breeds() -> str:
    known, shipped = len(catalogue()) - 1, len(shipped_catalogue()) - 1  # without that of mixes
    return f"{known} have a name; {known - shipped} of them added by this host"


def _models(store: ModelStore) -> str:
    heads = store.heads()
    backbones = {head.backbone_id for head in heads}
    for backbone in backbones:
        store.backbone(backbone)
    return f"{len(heads)} models, {len(backbones)} backbones: every file has the SHA-256 of its manifest"


def _champion(store: ModelStore, engine: Engine) -> str:
    start = time.perf_counter()
    champion = Champion(store, engine)
    classifier = champion()
    took_s = time.perf_counter() - start
    champion.close()
    return f"{classifier.model_id} on {classifier.engine}: loaded and checked in {took_s:.1f} s"
