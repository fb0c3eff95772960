"""The dependencies that a manifest declares, by the form of each kind of manifest."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

MANIFESTS = {
    "pyproject.toml": "python",
    "requirements.txt": "python",
    "requirements-dev.txt": "python",
    "setup.cfg": "python",
    "setup.py": "python",
    "Pipfile": "python",
    "package.json": "js",
    "go.mod": "go",
    "Cargo.toml": "rust",
    "pom.xml": "java",
    "build.gradle": "java",
    "build.gradle.kts": "java",
    "Directory.Packages.props": "csharp",
}
_PROJECTS = (".csproj", ".fsproj", ".gradle", ".gradle.kts")
_GRADLE = re.compile(
    r"\b(?:api|implementation|compileOnly|runtimeOnly|test\w+|annotationProcessor|kapt)\W+"
    r"([\w.-]+:[\w.-]+)"
)
_MAVEN = re.compile(r"<(?:dependency|plugin)>(.*?)</(?:dependency|plugin)>", re.DOTALL)
_NUGET = re.compile(r"<Package(?:Reference|Version)\s[^>]*Include=\"([^\"]+)\"")
_GO = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[\w./~-]+)\s+v\d", re.MULTILINE)
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[|[=<>!~;@#]|$)")
_QUOTED = re.compile(r"['\"]([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*(?:[=<>!~;][^'\"]*)?['\"]")


def is_manifest(path: str) -> bool:
    return PurePosixPath(path).name in MANIFESTS or path.endswith(_PROJECTS)


def declared_in(path: str, text: str) -> set[str] | None:
    """Lower-case names; None for a manifest that cannot be read."""
    name = PurePosixPath(path).name
    try:
        return {one.lower() for one in _declared(name, text) if one}
    except (ValueError, RecursionError, AttributeError, TypeError):
        return None


def _declared(name: str, text: str) -> Iterable[str]:
    if name.endswith(".txt"):
        return _requirements(text.splitlines())
    if name in ("pyproject.toml", "Pipfile", "Cargo.toml"):
        data = tomllib.loads(text)
        return _of_cargo(data) if name == "Cargo.toml" else _of_python(data)
    if name == "package.json":
        data = json.loads(text) if text.strip() else {}
        return [
            one
            for key, value in data.items()
            if key.lower().endswith("dependencies")
            for one in value
        ]
    if name == "go.mod":
        return _GO.findall(text)
    if name == "pom.xml":
        return [_maven(block) for block in _MAVEN.findall(text)]
    if "gradle" in name:
        return _GRADLE.findall(text)
    if name == "setup.cfg":
        return _requirements(line for line in text.splitlines() if line[:1] in " \t")
    if name == "setup.py":
        lists = re.findall(r"(?:requires|require)\w*\s*=\s*[\[{](.*?)[\]}]", text, re.DOTALL)
        return [one for found in lists for one in _QUOTED.findall(found)]
    return _NUGET.findall(text)


def _requirements(lines: Iterable[str]) -> list[str]:
    found = [_REQUIREMENT.match(line) for line in lines if not line.lstrip().startswith(("#", "-"))]
    return [match[1] for match in found if match]


def _of_python(data: dict[str, Any]) -> list[str]:
    project, tool = data.get("project", {}), data.get("tool", {})
    lists = [project.get("dependencies", []), data.get("build-system", {}).get("requires", [])]
    lists += project.get("optional-dependencies", {}).values()
    lists += data.get("dependency-groups", {}).values()
    found = _requirements(one for each in lists for one in each if isinstance(one, str))
    poetry = tool.get("poetry", {})
    groups = [g.get("dependencies", {}) for g in poetry.get("group", {}).values()]
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {}), *groups]
    tables += [data.get("packages", {}), data.get("dev-packages", {})]
    return [*found, *(name for table in tables for name in table)]


def _of_cargo(data: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for key, value in data.items():
        if key.endswith("dependencies"):
            found += value
        elif key in ("target", "workspace"):
            inner = value.values() if key == "target" else [value]
            found += [name for one in inner for name in _of_cargo(one)]
    return found


def _maven(block: str) -> str:
    group = re.search(r"<groupId>\s*([^<\s]+)", block)
    artifact = re.search(r"<artifactId>\s*([^<\s]+)", block)
    return ":".join(match[1] for match in (group, artifact) if match)
