"""A Dockerfile as data, and its steps carried out in a folder: what can be tried where no container engine is.

Instructions that change the machine (users, the base image) are not carried out.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

INSTRUCTION = re.compile(r"(?P<name>[A-Z]+)\s+(?P<rest>.*)", re.DOTALL)
CHANGES_THE_MACHINE = ("useradd", "groupadd", "apt-get")


@dataclass
class Stage:
    """What stands between two FROM."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def of(self, instruction: str) -> list[str]:
        """Arguments of all instructions of that name."""
        return [rest for name, rest in self.steps if name == instruction]


def parse(text: str) -> dict[str, Stage]:
    """Stages by name, in their order."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    stages: dict[str, Stage] = {}
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        found = INSTRUCTION.fullmatch(line.strip())
        assert found, f"not an instruction: {line}"
        name, rest = found["name"], found["rest"]
        if name == "FROM":
            base, _, stage = rest.partition(" AS ")
            stages[stage] = Stage(stage, base)
        elif stages:
            list(stages.values())[-1].steps.append((name, rest))
    return stages


def context(repository: Path, target: Path) -> None:
    """What the engine would be sent: tracked files that `.dockerignore` lets through."""
    rules = (repository / ".dockerignore").read_text().splitlines()
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if not _ignored(name, rules) and (repository / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(repository / name, target / name)


def _ignored(name: str, rules: list[str]) -> bool:
    """https://docs.docker.com/build/concepts/context/#dockerignore-files: the last rule that matches decides."""
    parents = ["/".join(name.split("/")[:count]) for count in range(1, name.count("/") + 2)]
    ignored = False
    for rule in (rule.strip() for rule in rules):
        if not rule or rule.startswith("#"):
            continue
        pattern = rule.lstrip("!").replace("**/", "*")
        if any(fnmatch(part, pattern) for part in parents):
            ignored = not rule.startswith("!")
    return ignored


class Builder:
    """Carries out stages below `root`, which stands for `/`."""

    def __init__(self, stages: dict[str, Stage], sent: Path, root: Path) -> None:
        self.stages, self.sent, self.root = stages, sent, root
        self.environment: dict[str, str] = {}
        self.folder = root
        self.entrypoint: list[str] = []
        self.command: list[str] = []
        self.healthcheck: list[str] = []

    def build(self, stage: str) -> None:
        """A stage with those that it stands on. Copies between stages need nothing: they share the root."""
        this = self.stages[stage]
        if this.base in self.stages:
            self.build(this.base)
        for name, rest in this.steps:
            getattr(self, f"_{name.lower()}", lambda _rest: None)(rest)

    def run(self, command: list[str], **more: str) -> "subprocess.Popen[str]":
        """Start something as the engine would."""
        return subprocess.Popen(
            command, cwd=self.folder, env=self.surroundings | more, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    @property
    def surroundings(self) -> dict[str, str]:
        """Nothing of the host's but where its programs are, and what leads to the package index."""
        kept = {
            key: value for key, value in os.environ.items() if key.startswith(("PIP_", "HTTP", "http", "SSL", "REQ"))
        }
        return {
            **kept,
            "HOME": str(self.root),
            "PIP_QUIET": "1",
            **self.environment,
            "PATH": self.environment.get("PATH", os.environ["PATH"]),
        }

    def _workdir(self, rest: str) -> None:
        self.folder = self._below(rest)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _env(self, rest: str) -> None:
        for word in shlex.split(rest):
            key, _, value = word.partition("=")
            value = value.replace("$PATH", os.environ["PATH"])
            self.environment[key] = re.sub(r"(?<![\w.])/(?=opt|data|src)", f"{self.root}/", value)

    def _copy(self, rest: str) -> None:
        *sources, target = rest.split()
        if sources[0].startswith("--from="):
            return
        for source in sources:
            found, place = self.sent / source, self.folder / target
            if found.is_dir():
                shutil.copytree(found, place, dirs_exist_ok=True)
            else:
                shutil.copy(found, place / source if target.endswith("/") else place)

    def _run(self, rest: str) -> None:
        if any(word in rest for word in CHANGES_THE_MACHINE):
            return
        command = re.sub(r"(?<![\w.])/(?=opt|data|src)", f"{self.root}/", rest)
        subprocess.run(["/bin/sh", "-c", command], cwd=self.folder, env=self.surroundings, check=True, timeout=600)

    def _entrypoint(self, rest: str) -> None:
        self.entrypoint = json.loads(rest)

    def _cmd(self, rest: str) -> None:
        self.command = json.loads(rest)

    def _healthcheck(self, rest: str) -> None:
        self.healthcheck = json.loads(rest.partition("CMD ")[2])

    def _below(self, path: str) -> Path:
        return self.root / path.lstrip("/")
