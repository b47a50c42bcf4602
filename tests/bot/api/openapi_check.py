"""Whether what the API says is what its document promises: as much of JSON Schema as the document uses."""

import json
from typing import Any

from bot.api.routes import document

DOCUMENT: dict[str, Any] = json.loads(document())
TYPES = {"object": dict, "array": list, "string": str, "number": int | float, "integer": int, "boolean": bool}
KNOWN = {
    "$ref", "type", "enum", "required", "properties", "additionalProperties", "items", "minItems", "maxItems",
    "minimum", "maximum", "description",
}  # fmt: skip


def keeps_its_promise(method: str, path: str, status: int, said: Any, *, wait_s: int | None = None) -> None:
    """Fails where an answer is not in the document, or other than it says there."""
    promised = DOCUMENT["paths"][path][method]["responses"][str(status)]
    assert ("Retry-After" in promised.get("headers", {})) == (wait_s is not None)
    check(said, promised["content"]["application/json"]["schema"])


def check(value: Any, schema: dict[str, Any], where: str = "answer") -> None:
    """Fails with the place of the first difference."""
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if ref := schema.get("$ref"):
        schema = DOCUMENT["components"]["schemas"][ref.rpartition("/")[2]]
    kind = schema["type"]
    assert isinstance(value, TYPES[kind]), f"{where}: {value!r} is no {kind}"
    assert kind == "boolean" or not isinstance(value, bool), where
    assert value in schema.get("enum", [value]), where
    if isinstance(value, dict):
        named = schema.get("properties", {})
        assert set(schema.get("required", ())) <= value.keys(), f"{where}: lacks {schema['required']}"
        assert schema.get("additionalProperties", True) or value.keys() <= named.keys(), f"{where}: {value.keys()}"
        for key in value.keys() & named.keys():
            check(value[key], named[key], f"{where}.{key}")
    if isinstance(value, list):
        assert schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)), where
        for place, one in enumerate(value):
            check(one, schema["items"], f"{where}[{place}]")
    if isinstance(value, int | float):
        assert schema.get("minimum", value) <= value <= schema.get("maximum", value), f"{where}: {value}"
