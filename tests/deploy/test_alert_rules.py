"""Alert rules: well-formed, and about numbers that there are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
TABLE = (ROOT / "docs" / "operations.md").read_text().split("\n## Metrics\n")[1].split("\n## ")[0]
KNOWN = {word for line in TABLE.splitlines() if line.startswith("|") for word in re.findall(r"`(\w+)`", line)}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_rule_says_what_is_wrong_of_numbers_that_there_are(rule: dict[str, Any]) -> None:
    named = {re.sub(r"_bucket$", "", name) for name in re.findall(r"breedbot_(\w+)", rule["expr"])}

    assert named
    assert named <= KNOWN
    assert rule["annotations"]["summary"].endswith((".", "?"))
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["expr"].count("(") == rule["expr"].count(")")


def test_every_alert_has_a_name_of_its_own() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
