"""A checker for the part of JSON Schema that `spark schema` uses; a word it does not know fails."""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_KNOWN = {
    "$ref", "allOf", "anyOf", "const", "default", "description", "discriminator", "enum", "items",
    "minItems", "minimum", "prefixItems", "properties", "required", "title", "type",
}  # fmt: skip
ENVELOPE = {"v", "seq", "t_ms"}


def problems(line: Any, schema: dict[str, Any]) -> list[str]:
    """Why a line of --json does not fit `schema`; empty when it does."""
    envelope, union = schema["allOf"]
    kinds = union["discriminator"]["mapping"]
    if line.get("type") not in kinds:
        return [f"unknown type {line.get('type')!r}"]
    body = {key: value for key, value in line.items() if key not in ENVELOPE}
    found = _problems(line, envelope, schema["$defs"], "line", strict=False)
    return found + _problems(body, {"$ref": kinds[line["type"]]}, schema["$defs"], line["type"])


def _problems(
    value: Any, schema: dict[str, Any], defs: dict[str, Any], at: str, *, strict: bool = True
) -> list[str]:
    unknown = set(schema) - _KNOWN
    assert not unknown, f"the checker does not know {unknown}"
    if "$ref" in schema:
        return _problems(value, defs[schema["$ref"].removeprefix("#/$defs/")], defs, at)
    if "anyOf" in schema:
        tried = [_problems(value, option, defs, at) for option in schema["anyOf"]]
        return [] if [] in tried else min(tried, key=len)
    if "const" in schema and value != schema["const"]:
        return [f"{at}: {value!r} is not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    kind = schema.get("type")
    if kind is not None:
        fits = isinstance(value, _TYPES[kind]) and (kind == "boolean" or value not in (True, False))
        if not fits and not (kind in ("integer", "number") and type(value) in (int, float)):
            return [f"{at}: {value!r} is no {kind}"]
    if "minimum" in schema and value < schema["minimum"]:
        return [f"{at}: {value!r} is less than {schema['minimum']}"]
    return _parts(value, schema, defs, at, strict)


def _parts(
    value: Any, schema: dict[str, Any], defs: dict[str, Any], at: str, strict: bool
) -> list[str]:
    found: list[str] = []
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        missing = set(schema.get("required", [])) - set(value)
        found += [f"{at}: {key} is missing" for key in sorted(missing)]
        for key, item in value.items():
            if key in properties:
                found += _problems(item, properties[key], defs, f"{at}.{key}")
            elif strict:
                found.append(f"{at}: {key} is not in the schema")
    if isinstance(value, list):
        first = schema.get("prefixItems", [])
        if len(value) < schema.get("minItems", 0):
            found.append(f"{at}: too short")
        for index, item in enumerate(value):
            wanted = first[index] if index < len(first) else schema.get("items")
            if isinstance(wanted, dict):
                found += _problems(item, wanted, defs, f"{at}[{index}]")
    return found
