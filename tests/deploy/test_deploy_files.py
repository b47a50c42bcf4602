"""Compose files, Kubernetes and systemd: what they name exists, what runs is locked down, no secret stands in them."""

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from breedbot import app
from breedbot.ops.settings import Configuration
from db.url import database_url
from inference.queue.nats.url import NatsUrl

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = sorted(path.name for path in DEPLOY.glob("compose*.yaml"))
KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
KNOWN = {f"BREEDBOT_{name}".upper() for name in Configuration.model_fields}
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback} | {
    group.name for group in app.registered_groups
}


def compose(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text())
    return found


def documents() -> list[dict[str, Any]]:
    return [one for path in KUBERNETES for one in yaml.safe_load_all(path.read_text())]


def pods() -> list[dict[str, Any]]:
    return [one["spec"]["template"]["spec"] for one in documents() if one["kind"] == "Deployment"]


def containers() -> list[dict[str, Any]]:
    return [each for pod in pods() for each in [*pod.get("initContainers", []), *pod["containers"]]]


def test_every_setting_that_is_named_is_one() -> None:
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    named = {word for path in files for word in re.findall(r"BREEDBOT_[A-Z_]+\b(?!…)", path.read_text())}

    assert len(named) > 8
    assert named - {"BREEDBOT_"} <= KNOWN


@pytest.mark.parametrize("name", COMPOSE)
def test_our_services_are_locked_down_and_bounded(name: str) -> None:
    ours = [one for one in compose(name)["services"].values() if one.get("image", "").startswith("breedbot")]

    assert ours
    for service in ours:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["build"]["target"] in {"cpu", "gpu"}
        assert {"mem_limit", "pids_limit", "logging", "stop_grace_period", "tmpfs", "restart"} <= service.keys()
        assert service["command"][0] in COMMANDS


@pytest.mark.parametrize("name", COMPOSE)
def test_everything_that_is_kept_is_in_a_volume_and_nothing_is_open_to_the_world(name: str) -> None:
    found = compose(name)
    mounted = {
        volume.partition(":")[0]
        for one in found["services"].values()
        for volume in one.get("volumes", [])
        if ":" in volume
    }

    assert mounted == found["volumes"].keys()
    for service in found["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        assert not service["image"].endswith(":latest")
        assert ":" in service["image"]


def test_the_cluster_is_wired_by_urls_that_we_understand() -> None:
    context = compose("compose.cluster.yaml")["services"]
    given = context["bot"]["environment"]

    assert context.keys() == {"bot", "worker", "nats", "postgres", "s3", "bucket"}
    assert context["worker"]["deploy"]["replicas"] == 2
    assert database_url(filled(given["BREEDBOT_DATABASE_URL"])).host == "postgres"
    assert NatsUrl.parse(filled(given["BREEDBOT_QUEUE_URL"])).servers == ("nats://nats:4222",)
    assert context["bot"]["depends_on"].keys() == {"postgres", "nats", "bucket"}
    assert all("healthcheck" in context[name] for name in ("postgres", "nats", "s3"))
    assert context["worker"]["environment"]["BREEDBOT_TELEGRAM_TOKEN"] == "", "it looks at photos only"


def filled(value: str) -> str:
    return re.sub(r"\$\{\w+[^}]*\}", "secret", value)


def test_no_secret_has_a_value_here() -> None:
    for name in COMPOSE:
        for service in compose(name)["services"].values():
            environment = service.get("environment") or {}
            secrets = [value for key, value in environment.items() if re.search("PASSWORD|SECRET|TOKEN", key)]
            assert all(value == "" or value.startswith("${") for value in secrets)
    assert not [one for one in documents() if one["kind"] == "Secret"]


def test_kubernetes_parts_belong_together() -> None:
    found = documents()
    kustomization = next(one for one in found if one["kind"] == "Kustomization")
    listed = kustomization["resources"]
    context = {one["metadata"]["name"] for one in found if one["kind"] == "Service"}
    rules = next(one for one in found if one["kind"] == "Ingress")["spec"]["rules"]
    known = next(one for one in found if one["kind"] == "ConfigMap")["data"]

    assert {*listed, "worker-gpu.yaml", "kustomization.yaml"} == {path.name for path in KUBERNETES}
    assert {path["backend"]["service"]["name"] for rule in rules for path in rule["http"]["paths"]} <= context
    for one in containers():
        sources = [each["valueFrom"] for each in one.get("env", [])]
        asked = [each["configMapKeyRef"]["key"] for each in sources if "configMapKeyRef" in each]
        assert set(asked) <= known.keys()
    for one in found:
        if one["kind"] == "Deployment":
            assert (
                one["spec"]["selector"]["matchLabels"].items() <= one["spec"]["template"]["metadata"]["labels"].items()
            )


def test_kubernetes_pods_are_locked_down_watched_and_bounded() -> None:
    assert len(pods()) == 3
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001, "the Dockerfile's user"
        assert pod["automountServiceAccountToken"] is False
        assert all("sizeLimit" in volume["emptyDir"] for volume in pod["volumes"])
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= pod["containers"][0].keys()
    for one in containers():
        assert one["securityContext"]["readOnlyRootFilesystem"] is True
        assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in one["resources"]["limits"]
        assert one["args"][0] in COMMANDS


def test_the_unit_runs_the_bot_alone_in_its_own_folder() -> None:
    unit = configparser.RawConfigParser(strict=False, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string((DEPLOY / "breedbot.service").read_text())
    service = unit["Service"]

    assert service["ExecStart"].split()[1] in COMMANDS
    assert service["StateDirectory"] == "breedbot"
    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["Restart"] == "on-failure"
    assert unit["Unit"]["StartLimitBurst"] == "10", "a start that always fails ends"
